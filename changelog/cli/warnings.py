"""What the caller should know and what ends nothing: each warning is told once, on stderr.

Where JSON is wanted, an error is the only document on stderr: warnings wait, and stand in it.
"""

import sys

from changelog.model.text.sanitize import escape

_told: list[str] = []
_waiting: list[str] | None = None


def begin(*, wait: bool) -> None:
    """A new run. `wait`: keep the warnings until they are taken."""
    global _waiting
    _told.clear()
    _waiting = [] if wait else None


def warn(text: str) -> None:
    content = escape(text)
    if content in _told:
        return
    _told.append(content)
    if _waiting is None:
        sys.stderr.write(f"changelog: warning: {content}\n")
    else:
        _waiting.append(content)


def take_waiting() -> tuple[str, ...]:
    """The warnings that were not told yet."""
    taken = tuple(_waiting or ())
    if _waiting:
        _waiting.clear()
    return taken
