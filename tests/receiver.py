"""A server on loopback that alerts are posted to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.program import Json


class Receiver:
    """The operator's own server on loopback: it takes alerts, after refusing `fails` of them."""

    def __init__(self, *, fails: int = 0, status: int = 503) -> None:
        self.fails = fails
        self.refused = ""
        """A path that is refused, an ``event_action`` or a ``dedup_key``; "" for none."""
        self.asked = 0
        self.taken: list[Json] = []
        """What was taken, in order."""
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        """Of what was taken."""
        self.heads: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked += 1
                receiver.heads.append(f"{self.requestline}\n{self.headers}")
                event = json.loads(body)
                about = (self.path, event.get("event_action"), event.get("dedup_key"))
                refused = receiver.asked <= receiver.fails or receiver.refused in about
                if not refused:
                    receiver.taken.append(json.loads(body))
                    receiver.bodies.append(body)
                    receiver.paths.append(self.path)
                    receiver.headers.append(dict(self.headers))
                self.send_response(status if refused else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.base}/hook"

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
