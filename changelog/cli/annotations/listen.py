"""``changelog listen``."""

import os
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from changelog.cli import options
from changelog.cli.context import clock, open_writer
from changelog.cli.options import command, flag, option
from changelog.cli.output import say
from changelog.cli.secret_sources import WEBHOOK, WEBHOOK_FILE, read_secret, webhook_source
from changelog.cli.settings import Settings
from changelog.model.errors import UsageError
from changelog.model.text.times import seconds
from changelog.system.shutdown import stop_signals_kept, wait_for_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from changelog.model.ports import Recorder
    from changelog.model.test_calls import Call, LinkResult

DEFAULT_PORT = 8787
STORE_WAIT_S = 10.0
"""How long a delivery waits to be stored before the provider is asked to send it again."""

_SKEW = option(
    "--skew", "D", "Refuse deliveries with a timestamp further off than this; a day at most.", "5m"
)


@command("changelog listen --port 8787", (0, 2, 8, 130))
def app(
    settings: Settings,
    host: str = option(
        "--host", "H", "Address to listen on; put a proxy in front of it.", "127.0.0.1"
    ),
    port: int = options.port(DEFAULT_PORT),
    skew: str = _SKEW,
    unsigned: bool = flag(
        "--unsigned", "Accept unsigned deliveries; on loopback, for a trial only."
    ),
) -> int:
    """Receive test calls as webhooks at POST /webhooks/minivoice, until Ctrl-C or SIGTERM.

    MINIVOICE_WEBHOOK_SECRET is the secret that the provider signs them with. GET /healthz says
    whether they can be stored.
    """
    allowed = timedelta(seconds=seconds(f"{skew}s" if skew.isdecimal() else skew))
    if not timedelta() < allowed <= timedelta(days=1):
        raise UsageError("--skew must be from a second to a day", "Write --skew 5m.")
    secret = _secret(host, unsigned=unsigned)
    opened = open_writer(settings, lock_wait_s=STORE_WAIT_S, waits_for_server=False)
    with opened as recorder:
        _serve(recorder, settings, host, port, secret, allowed)
    return 0


def _serve(
    recorder: "Recorder", settings: "Settings", host: str, port: int, secret: str, skew: timedelta
) -> None:
    from changelog.model.text.webhook import refusal
    from changelog.render.recording import event_line
    from changelog.web.batch_writer import BatchWriter
    from changelog.web.server import ROOM, Server, listening, not_installed

    try:
        from changelog.web.application import WEBHOOK_PATH, Receiver, make_application, to_stderr
    except ImportError as error:
        raise not_installed("listen") from error

    key = secret.encode("utf-8", "surrogateescape")
    keys = settings.secrets()

    def why_not(timestamp: bytes | None, signature: bytes | None, body: bytes) -> str | None:
        if not key:
            return None
        return refusal(key, timestamp, signature, body, now=clock(), skew=skew)

    writer = BatchWriter(
        partial(_stored, recorder, settings.operator), room=ROOM, wait_s=STORE_WAIT_S
    )
    receiver = Receiver(
        refusal=why_not,
        store=writer.submit,
        line=event_line,
        clock=clock,
        log=to_stderr,
        secrets=tuple(one for one in (secret, *keys) if one),
    )
    # Blocked before any thread begins: none of them is to be interrupted in a commit, nor to take
    # a signal that is meant for this one.
    with stop_signals_kept():
        server = Server(make_application(receiver), listening(host, port))
        writer.start()
        try:
            with server:
                unsigned = "" if secret else ", unsigned"
                say(f"listening at http://{server.address}{WEBHOOK_PATH}{unsigned}")
                wait_for_stop()
        finally:
            writer.stop()


def _stored(
    recorder: "Recorder", author: str, batch: "Sequence[Call | None]"
) -> "list[LinkResult | None]":
    """Return what became of each delivery; None for a question whether one could be stored."""
    try:
        if None in batch:
            recorder.require_writable()
        events = iter(recorder.link_calls([call for call in batch if call is not None], author))
    finally:
        recorder.release()
    return [None if call is None else next(events) for call in batch]


def _secret(host: str, *, unsigned: bool) -> str:
    """Return what deliveries are signed with; "" where they are taken unsigned.

    A forged delivery could make a broken route look proven, so nothing unsigned is ever taken by
    default, and never from another machine.
    """
    from changelog.web.server import resolves_to_loopback

    secret = _read_secret()
    if secret and unsigned:
        raise UsageError(
            "a webhook secret is set, but --unsigned would ignore it",
            f"Leave out one of the two: --unsigned, or {WEBHOOK}.",
        )
    if secret:
        return secret
    if not unsigned:
        raise UsageError(
            "no webhook secret is set",
            f"Set {WEBHOOK}, or {WEBHOOK_FILE} to a file that holds it; for a trial on this machine"
            " there is --unsigned.",
            "no_secret",
        )
    if not resolves_to_loopback(host):
        raise UsageError(
            f"{host} is not loopback: without a secret, anybody could send forged webhooks",
            f"Set {WEBHOOK}, or listen on 127.0.0.1.",
            "no_secret",
        )
    return ""


def _read_secret() -> str:
    source = webhook_source(os.environ)
    if source is None:
        return ""
    secret = read_secret(source, os.environ, "secret").text
    if not secret:
        raise UsageError(f"the webhook secret in {source.place} is empty", "", "no_secret")
    return secret
