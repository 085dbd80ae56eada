"""``changelog verify``."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from changelog.cli import context, options
from changelog.cli.options import command, option
from changelog.cli.output import Output
from changelog.cli.recording.given_files import read_expectations
from changelog.cli.settings import Settings
from changelog.commands.recording.verification_targets import (
    expected_alike,
    expected_each,
    require_one_expectation,
    stated_expectation,
)
from changelog.commands.recording.verify import VerifyLoop, WaitPolicy, refused_dids, verify
from changelog.commands.targets import check_new_name, count_retired, refuse_selectors, targets
from changelog.model import exits
from changelog.model.results.capture import VerifySummary
from changelog.model.text.times import seconds
from changelog.model.verification import VerifiedDid
from changelog.render import recording
from changelog.render.documents import item

_MATCHES_SHOWN = 20

_TO = option("--to", "SEL", "The live routing must equal this revision.")
_APPLICATION = option("--application", "ID", "Expected application_id: the live one must be this.")
_ROUTE_MODE = option("--route-mode", "M", "Expected route_mode: the live one must be this.")
_DESTINATION = option("--destination", "URI", "Expected destination: the live one must be this.")
_EXPECT = option(
    "--expect",
    "FILE|-",
    "CSV: did,application_id,route_mode[,destination][,status]. Verifies its DIDs;"
    " with --all, reports those that it leaves out too.",
)


@command("changelog verify +15551230001 --to r3 --wait 5m --reads 3", (0, 2, 3, 4, 5, 6, 8, 130))
def app(
    out: Output,
    settings: Settings,
    dids: list[str] | None = options.DIDS,
    every: bool = options.ALL,
    file: str | None = options.FILE,
    to: str | None = _TO,
    application: str | None = _APPLICATION,
    route_mode: str | None = _ROUTE_MODE,
    status: str | None = option("--status", "S", "Expected status: the live one must be this."),
    destination: str | None = _DESTINATION,
    expect: str | None = _EXPECT,
    wait: str | None = option(
        "--wait", "D", "Fetch again until it matches, for at most this long."
    ),
    reads: int = option("--reads", "K", "Ask for K equal answers in a row.", 1, min=1, max=1000),
) -> int:
    """Fetch, record and check whether the live routing is the expected one.

    In the file, an empty application_id or route_mode must be empty in the routing too. An empty
    destination or status, and * anywhere, is not checked.
    """
    source = context.LogSource(settings, with_mirror=False)
    names, refused = context.names_in_log(source, dids, file)
    policy = WaitPolicy(seconds(wait), reads)
    stated = stated_expectation(application, route_mode, status, destination)
    with context.open_reader(settings) as log:
        refuse_selectors(log, names, context.clock(), "verify", {"--to": to})
        require_one_expectation(to=to, stated=stated, file=expect)
        options.echo_times(out, context.clock(), day_end=to)
        if expect is not None:
            rows = read_expectations(expect, stdin_is_ours=True)
            name = "the expectations" if expect == "-" else expect
            to_verify = expected_each(log, rows, name, names, every=every)
        else:
            for name in names:
                check_new_name(log, name)
            to_fetch = targets(log, names, every=every)
            to_verify = expected_alike(log, to_fetch, to, stated, context.clock(), every=every)
        retired = count_retired(log) if every else 0
    summary = _verify(settings, to_verify, policy, by_name=not every).with_refused(len(refused))
    summary = replace(summary, retired=retired)
    out.tell_conditions(summary)
    if exits.INTERRUPTED in summary.conditions:
        out.tell("interrupted: this is what was found until then")
    if stated:
        out.text(recording.expected_of_all(stated))
    return _answer(out, summary, chain(to_verify, refused_dids(refused)))


def _verify(
    settings: Settings, to_verify: Sequence[VerifiedDid], policy: WaitPolicy, *, by_name: bool
) -> VerifySummary:
    info = context.capture_info(settings, "verify")
    opened = context.open_capture(settings, info, len(to_verify), by_name=by_name)
    with opened as (capture, progress):
        loop = VerifyLoop(capture, partial(context.open_reader, settings), policy, progress)
        return verify(loop, to_verify)


def _answer(out: Output, summary: VerifySummary, dids: Iterable[VerifiedDid]) -> int:
    """Print the answer. Of a fleet, DIDs that match are only counted: the others must be seen."""
    if out.json:
        return out.print_with_dids("verify", summary, recording.verify_summary, map(item, dids))
    listed = summary.counts.match <= _MATCHES_SHOWN
    not_read = []
    for did in dids:
        if did.outcome == "not_read" and not did.state.asked:
            not_read.append(did.did or did.to_fetch.requested)
        elif listed or not did.matches:
            out.text(recording.verified_line(did, out.style))
    if not_read:
        out.text(recording.not_read_line(not_read, out.style))
    return out.print("verify", summary, recording.verify_summary)
