"""What ``check``, ``config``, ``prune``, ``mirror``, ``db`` and ``import`` of a log say."""

from changelog.model.results.capture import Divergence, LogImported
from changelog.model.results.upkeep import (
    Broken,
    CheckResult,
    ConfigResult,
    DatabaseResult,
    KeyShown,
    MirrorResult,
    PruneResult,
    RebuildResult,
    Removable,
    SettingShown,
)
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_utc
from changelog.render.style import (
    BLANK,
    Shown,
    Style,
    columns,
    how_many,
    joined,
    line,
    lines,
    show,
    some,
    whole,
)

_NAMED = 8


def check(result: CheckResult, style: Style) -> str:
    seen = result.checked
    counts = joined(
        [
            how_many(seen.entries, "entry", "entries"),
            how_many(seen.rows, "row"),
            how_many(seen.revisions, "revision"),
            how_many(seen.snapshots, "snapshot"),
            how_many(seen.dids),
        ]
    )
    lines: list[str] = [_broken(broken, style) for broken in result.broken]
    if result.more:
        lines.append("… and others")
    lines.extend(line("{}  {}", style.paint("remark", "yellow"), text) for text in result.remarks)
    if not result.ok:
        lines.append(f"the log is broken; looked at: {counts}")
        lines.append(
            "Keep a copy of the database first. To see what rebuild does: "
            f"{command_line('db', (), ' --help')}"
        )
    elif result.head is None:
        lines.append(line("nothing is recorded in {} yet", whole(result.database)))
    else:
        lines.append(f"{style.paint('ok', 'green')}  {counts}")
    if result.against is not None and result.ok:
        lines.append(f"it contains the state of {result.against}")
    if result.head is not None:
        lines.append(f"head {result.head}")
    return "\n".join(lines)


def rebuild(result: RebuildResult, style: Style) -> str:
    if result.broken and not (result.differing or result.objects):
        broken = [_broken(broken, style) for broken in result.broken]
        return "\n".join([*broken, "the journal cannot be proven: nothing was changed"])
    if not (result.differing or result.objects):
        return f"nothing to repair: the tables are what the journal says\nhead {result.head}"
    lines: list[str] = [_broken(differing, style, "repaired") for differing in result.differing]
    if result.more:
        lines.append("… and others")
    lines.append(
        f"repaired {how_many(result.rows, 'row')}, {how_many(result.entries, 'entry', 'entries')}"
        f" and {result.objects} tables, views, triggers or indexes"
    )
    lines.extend(_broken(broken, style) for broken in result.broken)
    if result.broken:
        lines.append(f"the log is still broken; to see where: {command_line('check')}")
    return "\n".join([*lines, f"head {result.head}"])


def mirror(result: MirrorResult, _: Style) -> Shown:
    count = how_many(result.entries, "new entry", "new entries")
    copied = line("{} in {}, as of {}", count, result.file, result.as_of)
    return lines([copied, line("head {}", result.to)])


def imported_log(result: LogImported, style: Style) -> Shown:
    """Say what was stored, or why nothing was."""
    if result.parted is not None:
        return lines(_parted(result.parted))
    export = result.export
    shown: list[Shown] = []
    if export.damage is not None:
        shown.append(style.paint(export.damage, "red"))
        shown.append(line("its first {} entries are proven", export.entries))
    if result.stored:
        what = (how_many(result.stored, "entry", "entries"), how_many(result.rows, "row"))
        stored = line("{} with {} stored", *what)
        here = line("{} were here already", result.present) if result.present else BLANK
        shown.append(joined([stored, here]))
    else:
        text = "nothing to do: all {} entries of the export are here already"
        shown.append(line(text, export.entries))
    return lines([*shown, line("head {}", result.head or "none")])


def _parted(parting: Divergence) -> list[Shown]:
    way_on = line("  Import it into an empty database, named by --db.")
    here, in_export = (
        some(dids, _NAMED) or "no DID" for dids in (parting.dids, parting.dids_in_export)
    )
    if parting.because == "thinning":
        return [
            line(
                "nothing stored: the export's log was pruned, and this one was not; entry {} is the"
                " first that has more snapshots here",
                parting.entry,
            ),
            line("  it is about {}", here),
            way_on,
        ]
    return [
        line("nothing stored: the log and the export differ from entry {} on", parting.entry),
        line("  here it is about {}", here),
        line("  in the export it is about {}", in_export),
        way_on,
    ]


def prune(result: PruneResult, style: Style) -> str:
    before = f"received before {format_utc(result.before)}"
    if result.broken:
        lines: list[str] = [_broken(broken, style) for broken in result.broken]
        what = "nothing was" if not result.removed else f"{result.removed} snapshots were"
        return "\n".join(
            [*lines, f"the log is broken: {what} removed; to see where: {command_line('check')}"]
        )
    if result.removed is None and not result.dry_run:
        return "nothing was removed"
    if not result.removable.snapshots:
        return f"nothing to remove before {format_utc(result.before)}"
    if not result.dry_run:
        return f"removed {how_many(result.removed or 0, 'snapshot')} {before}"
    return f"would remove {counted(result.removable)}, {before}"


def counted(removable: Removable) -> str:
    """Say ``1200 snapshots of 40 entries (about 47 KiB)``."""
    snapshots = how_many(removable.snapshots, "snapshot")
    entries = how_many(removable.entries, "entry", "entries")
    size = f"about {removable.bytes / 1024:,.0f} KiB" if removable.bytes > 1024 else "under 1 KiB"
    return f"{snapshots} of {entries} ({size})"


def _broken(broken: Broken, style: Style, what: str = "broken") -> Shown:
    """Show ``broken  revision did_101 r2 (entry 7): …``."""
    named = [broken.did, None if broken.revision is None else f"r{broken.revision}"]
    if broken.key is not None:
        named = [broken.key] if broken.key != broken.table else []
    where = joined([broken.table, *named], " ")
    if broken.entry is not None and broken.table != "journal":
        where = line("{} (entry {})", where, broken.entry)
    return line("{}  {}: {}", style.paint(what, "red"), where, broken.reason)


def database(result: DatabaseResult) -> Shown:
    place = whole(result.database)
    if result.dry_run and result.version != result.head:
        before = result.version or "nothing"
        return line("would upgrade {} from {} to {}", place, before, result.head)
    if result.upgraded:
        return line("upgraded {} from {} to {}", place, result.before or "nothing", result.version)
    state = result.version or "nothing yet"
    return line("{}: schema {} (this program: {})", place, state, result.head)


_KINDS = {"environment": "env", "file": "file"}


def settings(result: ConfigResult, style: Style) -> Shown:
    parts = [[_file(result)], columns([("setting", "value", "from"), *_rows(result)])]
    if result.keys:
        head = ("key", "from", "fingerprint", BLANK)
        parts.append(columns([head, *(_key(key) for key in result.keys)]))
    else:
        parts.append([line("no API key is set")])
    if result.webhook is not None:
        _, place, _, state = _key(result.webhook)
        parts.append([line("webhook secret: {}, {}", place, state)])
    if result.unknown:
        parts.append([line("unknown settings: {}", joined(result.unknown))])
    return joined((lines(map(style.cut, part)) for part in parts), "\n\n")


def _file(result: ConfigResult) -> Shown:
    text = "settings file {}"
    text += " ({})" if result.file.from_ else ""
    text += "" if result.file.exists else ": there is none"
    return line(text, result.file.path, result.file.from_)


def _rows(result: ConfigResult) -> list[tuple[str, Shown, str]]:
    return [
        (setting.name, _value(setting), setting.from_ or setting.source)
        for setting in result.settings
    ]


def _value(setting: SettingShown) -> Shown:
    if setting.problem is not None:
        return line("cannot be used: {}", setting.problem)
    value = setting.value
    text = ", ".join(value) if isinstance(value, tuple) else value
    return show(None) if text in (None, "") else whole(str(text))


def _key(key: KeyShown) -> tuple[object, ...]:
    state = line("usable") if key.usable else line("skipped: {}", key.problem)
    if key.same_as is not None:
        state = line("the same key as in {}", key.same_as)
    if key.line_end_removed:
        state = line("{}, without the line end behind it", state)
    if key.readable_by_all:
        state = line("{}, and everybody on this machine can read it", state)
    return key.name, line("{} {}", _KINDS[key.source], key.from_), key.fingerprint, state
