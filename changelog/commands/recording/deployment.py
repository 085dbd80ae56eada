"""What a deploy is planned around: its tag, its DIDs, and what a file expects of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from changelog.commands.recording.expectations_file import ExpectedDid
from changelog.commands.recording.verification_targets import expected_each
from changelog.commands.targets import check_new_name, targets
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.errors import UsageError
from changelog.model.ports import Log
from changelog.model.selectors import AFTER, BEFORE
from changelog.model.verification import Expectation


@dataclass(frozen=True, slots=True)
class Deployment:
    """What to deploy around: the tag, the DIDs, and what a file expects of some of them.

    `every`: the DIDs are all of the log. `expected`: by what is asked for; None without a file.
    `volatile`: fields whose changes are left out.
    """

    tag: str
    targets: Sequence[Target]
    every: bool
    expected: Mapping[str, Expectation] | None = None
    volatile: frozenset[str] = frozenset()

    @property
    def before(self) -> str:
        return self.tag + BEFORE

    @property
    def after(self) -> str:
        return self.tag + AFTER


def deployment(
    log: Log,
    tag: str,
    names: Sequence[str],
    *,
    every: bool,
    expected: Sequence[ExpectedDid] | None,
    file: str,
) -> Deployment:
    """Return the deploy of the DIDs named, or of `every` one of the log, with those of the `file`.

    Raises UsageError where there is none, for a tag that is taken, and for a DID that the file
    names twice.
    """
    for name in (tag + BEFORE, tag + AFTER):
        if log.tag(name) is not None:
            raise UsageError(
                f"the tag {name!r} exists already: each deploy needs a new name",
                "Choose another --tag; nothing was fetched, and the command was not run.",
                exits.TAG_TAKEN,
            )
    if not (names or every or expected):
        raise UsageError(
            "no DID is named",
            "Name the DIDs before the --, or use --all, or --expect FILE for those of a file.",
        )
    for name in names:
        check_new_name(log, name)
    chosen = targets(log, names, every=every) if names or every else []
    if expected is None:
        return Deployment(tag, chosen, every)
    by_identity = {target.identity: target for target in chosen}
    expectations: dict[str, Expectation] = {}
    for listed in expected_each(log, expected, file):
        to_fetch = listed.to_fetch
        target = by_identity.setdefault(to_fetch.identity, to_fetch)
        expectations[target.requested] = listed.expectation
    return Deployment(tag, list(by_identity.values()), every, expectations)
