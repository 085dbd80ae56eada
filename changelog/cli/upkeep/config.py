"""``changelog config``: every setting without its secrets."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from changelog.cli import options
from changelog.cli.output import output
from changelog.cli.settings import Settings, load_settings
from changelog.model.errors import UsageError
from changelog.model.results.config import ConfigResult, KeyShown, SettingsFileShown, SettingShown
from changelog.model.text.redaction import redact
from changelog.render import settings as settings_text
from changelog.system.files import is_readable_by_all

if TYPE_CHECKING:
    from changelog.cli.settings import FoundKey

app = options.command_app()


@app.command(epilog=options.epilog("changelog config", (0, 2)))
def run(
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """What holds for a run, and where it came from: flag, environment, file or default."""
    out = output(json, format_name)
    settings = load_settings(db, config)
    found = settings.read_keys()

    def hide(text: str) -> str:
        # Somebody may have set a key in the place of something else.
        return redact(text, [one.key.secret for one in found if one.key is not None])

    result = ConfigResult(
        file=_file(settings, hide),
        settings=tuple(_settings(settings, hide)),
        keys=tuple(_keys(found, hide)),
        unknown=settings.file.unknown,
    )
    return out.answer("config", result, settings_text.settings)


def _file(settings: Settings, hide: Callable[[str], str]) -> SettingsFileShown:
    file = settings.file
    source = {"--config": "flag", None: "default"}.get(file.named_by, "environment")
    return SettingsFileShown(hide(str(file.path)), file.exists, source, file.named_by)


def _settings(settings: Settings, hide: Callable[[str], str]) -> list[SettingShown]:
    values: dict[str, str | int | tuple[str, ...] | None] = {
        "database": hide(str(settings.location)),
        "operator": hide(settings.operator),
        "concurrency": settings.concurrency,
        "rate": settings.rate,
        "volatile": tuple(sorted(settings.volatile)),
        "destination_fields": settings.destination_fields,
    }
    return [
        _api_url(settings, hide)
        if name == "api_url"
        else SettingShown(name, values[name], origin.source, origin.place)
        for name, origin in settings.origins.items()
    ]


def _api_url(settings: Settings, hide: Callable[[str], str]) -> SettingShown:
    from changelog.api.address import check_api_url

    origin = settings.origins["api_url"]
    try:
        url = hide(check_api_url(settings.api_url))
    except UsageError as error:
        return SettingShown("api_url", None, origin.source, origin.place, error.message)
    return SettingShown("api_url", url, origin.source, origin.place)


def _keys(found: "Sequence[FoundKey]", hide: Callable[[str], str]) -> list[KeyShown]:
    from changelog.api.key import each_once

    names = {key.secret: key.name for key in each_once(one.key for one in found if one.key)}
    shown: list[KeyShown] = []
    for one in found:
        source, place = one.source.source, hide(one.source.place)
        if one.key is None:
            shown.append(KeyShown(one.source.name, source, place, False, problem=one.problem))
            continue
        mark = one.key.fingerprint
        same = next((before.from_ for before in shown if before.fingerprint == mark), None)
        shown.append(
            KeyShown(
                names[one.key.secret],
                source,
                place,
                True,
                mark,
                same,
                readable_by_all=source == "file" and is_readable_by_all(one.source.place),
            )
        )
    return shown
