"""The stand-in for the API, which also breaks in every way that it is told to."""

import socket
import struct
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from changelog.sandbox import server
from changelog.sandbox.account import Reply, Request, did_in, status_reply, success

Subject: TypeAlias = str | None
"""The id of a DID, APPLICATIONS, or None for anything under /v1."""
APPLICATIONS = "/applications"

_HTML: Mapping[str, str] = {"Content-Type": "text/html; charset=utf-8"}
_SIGN_IN_PAGE = b"<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>\n"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """One way in which an answer under /v1 goes wrong.

    | kind | what the client gets |
    |---|---|
    | `slow` | nothing for `seconds`, then the true answer |
    | `drip` | the true answer, its body a byte every `seconds`; with `head` the headers too |
    | `status` | an error of `status` (500 if not given) |
    | `cut` | half the body that Content-Length promises, then the end of the connection |
    | `html` | 200 and a page for people |
    | `list` | 200 and a JSON list around the true body |
    | `huge` | the true body, padded with spaces to `size` bytes: still valid JSON |
    | `other_did` | the body of another DID |
    | `raw` | `body` with `status` (200 if not given) |
    | `reset` | a connection reset instead of an answer |

    `headers` are added to whatever is sent. Left out, a `status` of 429 has `Retry-After: 1` and
    a redirect `Location: /v1/moved`; an empty mapping leaves these out too.
    """

    kind: Literal[
        "slow", "drip", "status", "cut", "html", "list", "huge", "other_did", "raw", "reset"
    ]
    seconds: float = 1.0
    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] | None = field(default=None, hash=False)
    size: int = 30_000_000
    head: bool = False

    @property
    def sent_headers(self) -> Mapping[str, str]:
        if self.headers is not None:
            # One spelling of each name, so that a Content-Type replaces the one that is there.
            return {name.title(): value for name, value in self.headers.items()}
        if self.kind == "status" and self.status == 429:
            return {"Retry-After": "1"}
        if self.kind == "status" and self.status in {301, 302, 303, 307, 308}:
            return {"Location": "/v1/moved"}
        return {}


class Sandbox(server.Sandbox):
    """Faults with `times` come first, in the order planned; then the one without, which stands
    until it is replaced or cleared. A subject's own faults go before those for all."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._next_faults: dict[Subject, deque[Fault]] = {}
        self._standing_faults: dict[Subject, Fault] = {}

    @property
    def connection(self) -> "type[server.Connection]":
        return _Connection

    def fail(
        self,
        fault: Fault,
        *,
        did: str | None = None,
        applications: bool = False,
        times: int | None = None,
    ) -> None:
        """Plan a fault for one DID, for the list of applications, or else for all under /v1."""
        subject = APPLICATIONS if applications else did
        with self._lock:
            if times is None:
                self._standing_faults[subject] = fault
            else:
                self._next_faults.setdefault(subject, deque()).extend([fault] * times)

    def remove_application(self, application_id: str) -> None:
        """List it no more; DIDs go on naming it."""
        with self._lock:
            del self._applications[application_id]

    def clear_faults(self) -> None:
        with self._lock:
            self._next_faults.clear()
            self._standing_faults.clear()
        super().clear_faults()

    def take_fault(self, subject: Subject) -> Fault | None:
        """Return the fault that the next answer about it suffers; one with `times` is used up."""
        with self._lock:
            for planned_for in (subject, None):
                if queue := self._next_faults.get(planned_for):
                    return queue.popleft()
                if standing := self._standing_faults.get(planned_for):
                    return standing
        return None

    def spoiled(self, reply: Reply, fault: Fault, did: str | None) -> Reply:
        """Return what the fault makes of the answer; some act on its way instead."""
        changed = self._other_content(reply, fault, did)
        return replace(changed, headers={**changed.headers, **fault.sent_headers})

    def _other_content(self, reply: Reply, fault: Fault, did: str | None) -> Reply:
        match fault.kind:
            case "status":
                return status_reply(fault.status or 500, "Planned by the sandbox")
            case "html":
                return Reply(200, _SIGN_IN_PAGE, _HTML)
            case "list":
                return Reply(200, b"[" + reply.body + b"]")
            case "huge":
                return replace(reply, body=reply.body.ljust(fault.size))
            case "other_did" if did is not None:
                return success(next(other for other in self.dids() if other["id"] != did))
            case "raw":
                return Reply(fault.status or 200, fault.body)
        return reply


class _Connection(server.Connection):
    def send_documented(self, request: Request, reply: Reply) -> None:
        sandbox = self.server.sandbox
        assert isinstance(sandbox, Sandbox)
        did = did_in(request, sandbox)
        is_list = request.segments[1:] == ["applications"]
        fault = sandbox.take_fault(APPLICATIONS if is_list else did)
        if fault is None:
            super().send_documented(request, reply)
        else:
            self._send_with(fault, sandbox.spoiled(reply, fault, did))

    def _send_with(self, fault: Fault, reply: Reply) -> None:
        match fault.kind:
            case "slow":
                self.send_late(reply, fault.seconds)
            case "drip":
                self._send_dripping(reply, fault)
            case "cut":
                head, body = self.wire(reply)
                self.close_connection = True
                self.wfile.write(head + body[: len(body) // 2])
            case "reset":
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            case _:
                self.send(reply)

    def _send_dripping(self, reply: Reply, fault: Fault) -> None:
        head, body = self.wire(reply)
        at_once, slowly = (b"", head + body) if fault.head else (head, body)
        self.wfile.write(at_once)
        for place in range(len(slowly)):
            if self.server.stopping.wait(fault.seconds):
                self.close_connection = True
                return
            self.wfile.write(slowly[place : place + 1])
