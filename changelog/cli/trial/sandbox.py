"""``changelog sandbox``."""

import threading

from changelog.cli import options
from changelog.cli.options import command
from changelog.cli.output import say
from changelog.model.errors import UsageError

# Every command takes --db.
_DB = options.option("--db", "URL", "", hidden=True)


@command("changelog sandbox --port 8900", (0, 2, 130))
def app(port: int = options.port(0), db: str | None = _DB) -> int:  # noqa: ARG001
    """Run a local imitation of the API, until Ctrl-C."""
    from changelog.sandbox.server import Sandbox

    sandbox = Sandbox(port=port)
    try:
        sandbox.start()
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used: {error.strerror}", "Choose another one with --port."
        ) from error
    try:
        say(_instructions(sandbox.url, sandbox.origin, sandbox.key))
        threading.Event().wait()
    finally:
        sandbox.stop()
    return 0


def _instructions(url: str, origin: str, key: str) -> str:
    json = "-H 'Content-Type: application/json'"
    return f"""\
The stand-in for the API answers at {url} until Ctrl-C. In another terminal:

  export MINIVOICE_API_URL={url} MINIVOICE_API_KEY={key}
  changelog record did_101 did_102 -m 'first look'

Move a DID to another route, then look again:
  curl -X PATCH {json} {origin}/sandbox/dids/did_101 -d '{{"application_id": "app_maintenance"}}'
  changelog restore did_101

Make the API slow or broken:
  curl -X PUT {json} {origin}/sandbox/faults -d '{{"kind": "slow", "seconds": 5}}'
  curl -X PUT {json} {origin}/sandbox/faults -d '{{"kind": "status", "status": 500}}'
  curl -X DELETE {origin}/sandbox/faults"""
