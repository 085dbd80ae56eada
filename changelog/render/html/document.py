"""One answer as one self-contained file: to attach to a ticket, to mail, to print."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from changelog.render.freshness import of_mirror
from changelog.render.html import views
from changelog.render.html.environment import environment, stylesheet
from changelog.render.style import show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from changelog.model.results.base import Result

_VIEWS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "list": views.fleet,
    "log": views.log,
    "diff": views.diff,
    "restore": views.restore,
}


def document(command: str, result: Result, contact: str | None) -> str:
    """Return the whole answer of `command` as a page that needs nothing beside itself.

    `contact`: whom people without a shell ask.
    """
    style = stylesheet()
    # Whatever got through both nets could still neither run nor load anything.
    digest = b64encode(sha256(style.encode()).digest()).decode()
    template = environment().get_template(f"{command}.html")
    return template.render(
        layout="file.html",
        command=command,
        style=Markup(style),  # noqa: S704 -- the package's own
        policy=f"default-src 'none'; style-src 'sha256-{digest}'",
        to=None,
        now=None,
        contact=contact,
        mirror=[str(show(text)) for text in of_mirror(result)],
        **_VIEWS[command](result),
    ).removesuffix("\n")
