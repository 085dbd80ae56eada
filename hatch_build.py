"""Makes the man pages of a wheel from docs/commands.md, which a test compares with the program."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SECTION = re.compile(r"(?ms)^## (\w+)$\n\n```text\n(.*?)^```$")
# An option or an argument with its text; or an exit code, which stands further in.
_ITEM = re.compile(r" {2}(?: {2}(?=\d))?(\d+(?= )|\S+(?: \S+)*)(?: +(\S.*))?")
_HEADING = re.compile(r"(?:  )?(\w[\w ]*):")
_SEE = "changelog COMMAND \\-\\-help shows the same as each page."


class ManPages(BuildHookInterface[Any]):
    """Adds share/man/man1 to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Write the pages beside the build, and name where each goes."""
        self._folder = tempfile.TemporaryDirectory()
        commands = (Path(self.root) / "docs" / "commands.md").read_text(encoding="utf-8")
        for name, text in man_pages(commands, self.metadata.version).items():
            page = Path(self._folder.name) / name
            page.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(page)] = f"share/man/man1/{name}"

    def finalize(self, *_: Any) -> None:
        """Remove what the wheel has taken."""
        self._folder.cleanup()


def man_pages(commands: str, version: str) -> dict[str, str]:
    """Return the text of each page by the name of its file."""
    sections = dict(_SECTION.findall(commands))
    pages = {
        f"changelog-{name}.1": _command_page(name, helped, version)
        for name, helped in sections.items()
    }
    return {"changelog.1": _first_page(sections, version), **pages}


def _first_page(sections: dict[str, str], version: str) -> str:
    items = "".join(
        f".TP\n.BR changelog\\-{name} (1)\n{_text(_summary(helped))}\n"
        for name, helped in sections.items()
    )
    return (
        _title("changelog", version, "record phone-number routing, and show what to put back")
        + ".SH SYNOPSIS\n.B changelog\nCOMMAND [OPTIONS] [ARGS]\n"
        ".SH DESCRIPTION\nchangelog records where the numbers of a MiniVoice account point.\n"
        "It shows what changed, and what to put back. It never changes a routing itself.\n"
        f".SH COMMANDS\n{items}"
        f".SH SEE ALSO\n{_SEE}\n"
    )


def _command_page(name: str, helped: str, version: str) -> str:
    usage, *lines = helped.splitlines()
    body = "".join(_body(lines))
    return (
        _title(f"changelog-{name}", version, _summary(helped))
        + f".SH SYNOPSIS\n{_text(usage.removeprefix('Usage: '))}\n.SH DESCRIPTION\n{body}"
        ".SH SEE ALSO\n.BR changelog (1)\n"
    )


def _body(lines: list[str]) -> Iterator[str]:
    """Yield what stands below the usage: headings, items of two columns, examples as they are."""
    heading = ""
    for line in lines:
        item = _ITEM.fullmatch(line)
        if headed := _HEADING.fullmatch(line):
            yield (".fi\n" if heading == "Example" else "") + f".SH {headed[1].upper()}\n"
            heading = headed[1]
            yield ".nf\n" if heading == "Example" else ""
        elif not line.strip():
            yield "" if heading else ".PP\n"
        elif item and heading not in ("", "Example"):
            yield f".TP\n.B {_text(item[1])}\n" + (f"{_text(item[2])}\n" if item[2] else "")
        else:
            yield f"{_text(line.strip())}\n"


def _title(name: str, version: str, summary: str) -> str:
    summary = summary.rstrip(".")
    return (
        f'.TH {name.upper()} 1 "" "changelog {version}" "changelog"\n'
        f".SH NAME\n{_text(name)} \\- {_text(summary)}\n"
    )


def _summary(helped: str) -> str:
    """Return the first paragraph below the usage."""
    after = helped.split("\n\n", 1)[1]
    return " ".join(after.split("\n\n", 1)[0].split())


def _text(line: str) -> str:
    """Return a line as roff takes it."""
    escaped = (
        line.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("→", "\\(->")
    )
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped
