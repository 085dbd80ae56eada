"""What ``check`` and ``prune`` came to, as text."""

from changelog.core.results.check import Broken, CheckResult
from changelog.core.visible import visible
from changelog.render.style import Style, joined, value_text


def check(result: CheckResult, style: Style) -> str:
    seen = result.checked
    looked = joined(
        [
            f"{seen.entries} entries",
            f"{seen.rows} rows",
            f"{seen.revisions} revisions",
            f"{seen.snapshots} snapshots",
            f"{seen.dids} DIDs",
        ]
    )
    lines = [_broken(one, style) for one in result.broken]
    if result.more:
        lines.append("… and others")
    if not result.ok:
        lines.append(f"the log is broken; looked at: {looked}")
    elif result.head is None:
        lines.append(f"nothing is recorded in {visible(result.database)} yet")
    else:
        lines.append(f"{style.paint('ok', 'green')}  {looked}")
    if result.against is not None and result.ok:
        lines.append(f"it contains the state of {result.against}")
    if result.head is not None:
        lines.append(f"head {result.head}")
    return "\n".join(lines)


def _broken(one: Broken, style: Style) -> str:
    """``broken  revision did_101 r2 (entry 7): …``"""
    named = [one.did, None if one.revision is None else f"r{one.revision}"]
    if one.key is not None:
        named = [one.key]
    where = joined([one.table, *(value_text(name) for name in named if name is not None)], " ")
    entry = "" if one.entry is None or one.table == "journal" else f" (entry {one.entry})"
    return f"{style.paint('broken', 'red')}  {where}{entry}: {visible(one.reason)}"
