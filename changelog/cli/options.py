"""The options that several commands share, what they may say, and what stands under each help."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from changelog.model.errors import UsageError
from changelog.model.exits import MEANINGS
from changelog.model.text.times import parse_moment

Dids = Annotated[
    list[str] | None, typer.Argument(metavar="[DID]...", help="Ids or numbers (+15551230001).")
]
DidAt = Annotated[
    str, typer.Argument(metavar="DID[@SEL]", help="An id or number, and which revision.")
]
All = Annotated[bool, typer.Option("--all", help="Every DID in the log that is not retired.")]
Db = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="A path, or postgresql://…; default: the settings."),
]
Config = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="A settings file (changelog.toml).")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Format = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help="text (default) or json.")
]
TableFormat = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="text (default), json, markdown or csv."),
]
ToldFormat = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="text (default), json, markdown, csv or chat."),
]
Note = Annotated[str | None, typer.Option("-m", "--note", metavar="NOTE", help="Why.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="WHO", help="Who says so; default: the operator.")
]
Since = Annotated[str | None, typer.Option("--since", metavar="T", help="Not before (2h, a date).")]
Until = Annotated[str | None, typer.Option("--until", metavar="T", help="Not after.")]
Field = Annotated[str | None, typer.Option("--field", metavar="F", help="Only this field.")]
RoutingOnly = Annotated[bool, typer.Option("--routing", help="Only changes of the routing.")]
Application = Annotated[
    str | None, typer.Option("--application", metavar="ID", help="The application_id.")
]
RouteMode = Annotated[str | None, typer.Option("--route-mode", metavar="M", help="The route_mode.")]
Status = Annotated[str | None, typer.Option("--status", metavar="S", help="The status.")]


def epilog(example: str, codes: Sequence[int]) -> str:
    """What stands under a command's help."""
    rows = "\n".join(f"  {code:<4}{MEANINGS[code]}" for code in codes)
    return f"\b\nExample:\n  {example}\n\n\b\nExit codes:\n{rows}"


def command_app() -> typer.Typer:
    """An application for one command."""
    return typer.Typer(
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def moment(text: str | None, now: datetime) -> datetime | None:
    """The moment that `text` names. Raises UsageError."""
    if text is None:
        return None
    parsed = parse_moment(text, now)
    if parsed is None:
        raise UsageError(f"{text!r} is no time", "Write 2026-11-23T14:00Z, 2026-11-23, or 2h ago.")
    return parsed


_LENGTH = re.compile(
    r"(?:(?P<d>\d{1,3})d)?(?:(?P<h>\d{1,4})h)?(?:(?P<m>\d{1,4})m(?:in)?)?(?:(?P<s>\d{1,6})s)?",
    re.ASCII,
)


def seconds(text: str | None) -> float:
    """A length of time: ``30s``, ``5m``, ``1h30m``, ``1d``; none is 0. Raises UsageError."""
    if text is None:
        return 0.0
    parsed = _LENGTH.fullmatch(text.strip())
    if parsed is None or not any(parsed.groups()):
        raise UsageError(f"{text!r} is no length of time", "Write 30s, 5m or 1h30m.")
    days, hours, minutes, rest = (int(count or 0) for count in parsed.groups())
    return float(days * 86400 + hours * 3600 + minutes * 60 + rest)


_RATE = re.compile(r"(?P<count>\d+(?:\.\d+)?)(?:/(?P<unit>s|m|min))?", re.ASCII)


def parse_rate(text: str | None) -> float | None:
    """Fetches a second from ``10``, ``10/s`` or ``90/min``. Raises UsageError."""
    if text is None:
        return None
    parsed = _RATE.fullmatch(text.strip())
    if parsed is None or float(parsed["count"]) == 0:
        raise UsageError(f"{text!r} is no rate", "Write --rate 10/s")
    return float(parsed["count"]) / (1 if parsed["unit"] in (None, "s") else 60)
