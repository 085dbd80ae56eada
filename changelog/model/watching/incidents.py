"""Which incidents of a watch are open: what each waits for, and which alert ends it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from changelog.model.watching.alert import NUMBER_MOVED

if TYPE_CHECKING:
    from changelog.model.watching.alert import Alert


class OpenIncidents:
    """The open incidents of one watch, from before a round to after it.

    `waiting`: by key, the DIDs whose end it waits for; "" where it is about the whole watch.
    """

    def __init__(self, waiting: Mapping[str, tuple[str, ...]]) -> None:
        self.waiting = dict(waiting)

    def dids(self, kind: str) -> set[str]:
        """Return the DIDs whose end the incidents of that kind wait for."""
        waiting = (dids for key, dids in self.waiting.items() if key.startswith(f"{kind}:"))
        return {did for dids in waiting for did in dids}

    def follow(
        self, kind: str, members: Sequence["Alert"], alerts: Iterable["Alert"]
    ) -> Iterator["Alert"]:
        """Yield the alerts of one kind, "" for what ends all, each with what it opens and ends.

        `members`: the alerts that the ones without a DID stand for.
        """
        for alert in alerts:
            about = members if alert.did is None else (alert,)
            left = self._leave_numbers(about)
            broken = {member.did or "": member.is_broken for member in _telling(about)}
            ended = {did for did, is_broken in broken.items() if not is_broken}
            begins = {did for did in broken if broken[did]}
            if alert.subject != NUMBER_MOVED:
                # Else the number had another DID until now, so its callers were routed elsewhere.
                begins -= self.dids(kind)
            begun = tuple(sorted(begins))
            # A round may find several of one kind: unreadable and silent, two applications gone.
            # None of them begins what another one has begun.
            of_round = [alert.kind, f"{alert.at:%Y%m%dT%H%M%S.%f}", *filter(None, begun[:1])]
            name = alert.number if alert.kind == NUMBER_MOVED else alert.did
            key = f"{kind}:{name or '-'.join(of_round)}"
            if begun:
                self.waiting[key] = begun
            opens = key if begun else None
            resolves = (*(key for key in left if key != opens), *self._end(kind, ended))
            yield replace(alert, opens=opens, begun=begun, resolves=resolves)

    def _leave_numbers(self, alerts: Iterable["Alert"]) -> list[str]:
        """Take away the incidents of numbers that have another DID now, and return their keys."""
        numbers = {alert.number for alert in alerts if alert.kind == NUMBER_MOVED}
        keys = [key for key in self.waiting if key.partition(":")[2] in numbers]
        for key in keys:
            del self.waiting[key]
        return keys

    def _end(self, kind: str, dids: set[str]) -> tuple[str, ...]:
        """Take the `dids` from the incidents of that kind. Return those that wait for no more."""
        ended = []
        for key, waiting in list(self.waiting.items()):
            if (not kind or key.startswith(f"{kind}:")) and not dids.isdisjoint(waiting):
                self.waiting[key] = left = tuple(did for did in waiting if did not in dids)
                if not left:
                    del self.waiting[key]
                    ended.append(key)
        return tuple(ended)


def _telling(alerts: Iterable["Alert"]) -> Iterator["Alert"]:
    """Yield the alerts that begin something or end it."""
    return (alert for alert in alerts if alert.is_broken is not None)
