"""The settings as text."""

from changelog.model.results.config import ConfigResult, KeyShown, SettingShown
from changelog.render.style import BLANK, Shown, Style, columns, joined, line, lines, show, whole

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
