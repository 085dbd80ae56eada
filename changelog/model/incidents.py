"""Which alerts open an incident, and which end it: a pager goes on until it is told to stop.

An incident is open for DIDs that cannot be read, for DIDs whose route reaches nobody, or for an API
that says nothing. Its key is the same from the alert that opens it to the one that ends it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from changelog.model.watch_rules import Alert

_OF_WATCH = "watch"


class OpenIncidents:
    """The open incidents of one watch, from before a round to after it.

    `waiting`: by key, the DIDs whose end it waits for; none where it is about the whole watch.
    """

    def __init__(self, waiting: Mapping[str, tuple[str, ...]]) -> None:
        self.waiting = dict(waiting)

    def follow(self, kind: str, members: Sequence[Alert], told: Iterable[Alert]) -> Iterator[Alert]:
        """Yield the alerts `told` of one kind, each with what it opens and ends.

        `members`: the alerts of single DIDs that the ones about many stand for.
        """
        for alert in told:
            about = members if alert.did is None else (alert,)
            broken = {member.did: member.is_broken for member in about if member.did is not None}
            ended = {did for did, is_broken in broken.items() if not is_broken}
            begun = tuple(did for did, is_broken in broken.items() if is_broken)
            key = f"{kind}:{alert.did or f'{alert.at:%Y%m%dT%H%M%S.%f}'}"
            if begun:
                self.waiting[key] = begun
            yield replace(alert, opens=key if begun else None, resolves=self._end(kind, ended))

    def follow_watch(self, told: Iterable[Alert]) -> Iterator[Alert]:
        """Yield the alerts about the watch as a whole, each with what it opens and ends."""
        for alert in told:
            if alert.is_broken:
                key = f"{_OF_WATCH}:{alert.kind}"
                self.waiting[key] = ()
                yield replace(alert, opens=key)
            else:
                keys = [key for key in self.waiting if key.startswith(f"{_OF_WATCH}:")]
                for key in keys:
                    del self.waiting[key]
                yield replace(alert, resolves=tuple(keys))

    def _end(self, kind: str, dids: set[str]) -> tuple[str, ...]:
        """Take the `dids` from the incidents of that kind. Return those that wait for no more."""
        ended = []
        for key, waiting in list(self.waiting.items()):
            if key.startswith(f"{kind}:") and not dids.isdisjoint(waiting):
                self.waiting[key] = left = tuple(did for did in waiting if did not in dids)
                if not left:
                    del self.waiting[key]
                    ended.append(key)
        return tuple(ended)
