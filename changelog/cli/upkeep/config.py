"""``changelog config``: every setting without its secrets."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from changelog.cli.options import command
from changelog.cli.output import Output
from changelog.cli.secret_sources import read_secret, shown_name, webhook_source
from changelog.cli.settings import Settings
from changelog.model.errors import UsageError
from changelog.model.results.upkeep import ConfigResult, KeyShown, SettingsFileShown, SettingShown
from changelog.model.text.redaction import redact
from changelog.render import upkeep
from changelog.system.files import is_readable_by_all

if TYPE_CHECKING:
    from changelog.cli.secret_sources import FoundKey, KeySource

Hide = Callable[[str], str]
"""Somebody may have set a key in the place of something else."""


@command("changelog config", (0, 2))
def app(out: Output, settings: Settings) -> int:
    """Show the settings in effect and where each comes from."""
    hide = partial(redact, secrets=settings.secrets())
    file = settings.file
    source = {"--config": "flag", None: "default"}.get(file.named_by, "environment")
    result = ConfigResult(
        file=SettingsFileShown(hide(str(file.path)), file.exists, source, file.named_by),
        settings=tuple(_settings(settings, hide)),
        keys=tuple(_keys(settings.found_keys, hide)),
        webhook=_webhook(settings, hide),
        unknown=file.unknown,
    )
    return out.print("config", result, upkeep.settings)


def _settings(settings: Settings, hide: Hide) -> Iterator[SettingShown]:
    from changelog.api.keys import check_api_url

    as_set: dict[str, Any] = {
        "database": str(settings.location),
        "volatile": tuple(sorted(settings.volatile)),
        "mirror": settings.mirror and str(settings.mirror),
    }
    for name, origin in settings.origins.items():
        problem = None
        value = as_set[name] if name in as_set else getattr(settings, name)
        if name == "api_url":
            try:
                value = check_api_url(value)
            except UsageError as error:
                value, problem = None, error.message
        shown = hide(value) if isinstance(value, str) else value
        yield SettingShown(name, shown, origin.source, origin.place, problem)


def _keys(found: "Sequence[FoundKey]", hide: Hide) -> list[KeyShown]:
    from changelog.api.keys import each_once

    names = {key.secret: key.name for key in each_once(each.key for each in found if each.key)}
    shown: list[KeyShown] = []
    for each in found:
        source, place = each.source.source, _place(each.source, hide)
        if each.key is None:
            shown.append(KeyShown(each.source.name, source, place, False, problem=each.problem))
            continue
        mark = each.key.fingerprint
        same = next((before.from_ for before in shown if before.fingerprint == mark), None)
        is_exposed = source == "file" and is_readable_by_all(each.source.place)
        shown.append(
            KeyShown(names[each.key.secret], source, place, True, mark, same, None, is_exposed)
        )
    return shown


def _place(source: "KeySource", hide: Hide) -> str:
    return hide(source.place if source.is_there else shown_name(source.place))


def _webhook(settings: Settings, hide: Hide) -> KeyShown | None:
    source = webhook_source(settings.environ)
    if source is None:
        return None
    shown = KeyShown(None, source.source, _place(source, hide), True)
    try:
        secret = read_secret(source, settings.environ, "secret")
    except UsageError as error:
        return shown._replace(usable=False, problem=error.message)
    return shown._replace(
        usable=bool(secret.text),
        problem=None if secret.text else "it is empty",
        line_end_removed=secret.line_end_removed,
        readable_by_all=source.source == "file" and is_readable_by_all(source.place),
    )
