"""Ctrl-C waits for a moment: what was begun is finished first, and told."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked = threading.Event()


def ask_to_stop() -> None:
    """Somebody wants this process to stop: from now on it waits for nothing that is lost."""
    _asked.set()


def asked_to_stop() -> bool:
    """Whether there was a Ctrl-C, one that is being held back included."""
    return _asked.is_set()


@contextmanager
def held_back() -> Iterator[None]:
    """Ctrl-C in here raises KeyboardInterrupt at the end; a second one does so at once.

    A commit can be done by the time that the interrupt is seen, so it must not look undone.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came = False

    def wait(number: int, frame: FrameType | None) -> None:
        nonlocal came
        if came:
            before(number, frame)
        came = True
        ask_to_stop()

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
