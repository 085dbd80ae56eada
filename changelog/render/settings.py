"""The settings as text."""

from changelog.model.results.config import ConfigResult, KeyShown, SettingShown
from changelog.model.text.sanitize import escape
from changelog.render.style import NOTHING, Style, columns

_KINDS = {"environment": "env", "file": "file"}


def settings(result: ConfigResult, style: Style) -> str:
    parts = [[_file(result)], columns([("setting", "value", "from"), *_rows(result)])]
    if result.keys:
        head = ("key", "from", "fingerprint", "")
        parts.append(columns([head, *(_key(key) for key in result.keys)]))
    else:
        parts.append(["no API key is set"])
    if result.webhook is not None:
        _, place, _, state = _key(result.webhook)
        parts.append([f"webhook secret: {place}, {state}"])
    if result.unknown:
        parts.append([f"unknown settings: {', '.join(escape(name) for name in result.unknown)}"])
    return "\n\n".join("\n".join(style.cut(line) for line in lines) for lines in parts)


def _file(result: ConfigResult) -> str:
    named = f" ({result.file.from_})" if result.file.from_ else ""
    there = "" if result.file.exists else ": there is none"
    return f"settings file {escape(result.file.path)}{named}{there}"


def _rows(result: ConfigResult) -> list[tuple[str, str, str]]:
    return [(one.name, _value(one), _from(one)) for one in result.settings]


def _value(one: SettingShown) -> str:
    if one.problem is not None:
        return f"cannot be used: {one.problem}"
    value = ", ".join(one.value) if isinstance(one.value, tuple) else one.value
    return NOTHING if value is None or value == "" else escape(str(value))


def _from(one: SettingShown) -> str:
    return one.source if one.from_ is None else escape(one.from_)


def _key(key: KeyShown) -> tuple[str, str, str, str]:
    state = "usable" if key.usable else f"skipped: {escape(key.problem or '')}"
    if key.same_as is not None:
        state = f"the same key as in {escape(key.same_as)}"
    if key.line_end_removed:
        state += ", without the line end behind it"
    if key.readable_by_all:
        state += ", and everybody on this machine can read it"
    return (
        escape(key.name or NOTHING),
        f"{_KINDS[key.source]} {escape(key.from_)}",
        key.fingerprint or NOTHING,
        state,
    )
