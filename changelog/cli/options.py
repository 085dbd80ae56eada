"""The options that several commands share, and the example and exit codes under each help."""

from collections.abc import Sequence
from typing import Annotated

import typer

from changelog.model.exits import MEANINGS

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
