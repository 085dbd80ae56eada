"""Writes docs/images/ from the program's own output: ``python -m tests.make_images``."""

import re
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from changelog.sandbox.server import Sandbox
from tests.program import KEY, Program

IMAGES = Path(__file__).parent.parent / "docs" / "images"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
_UPDATED = re.compile(r"(updated_at says ).*")
# How long it was depends on the run; it is a column, so it is padded.
_SPAN = re.compile(r"(?<=in service )(?!for an unknown).*?(?=seen)")
# The made-up times of a line, by what stands in it.
_TIMES = {
    "Routing changed": ("02:55", "03:00"),
    "Looked live": ("03:05",),
    "before the winter menu": ("02:55",),
}
_BOLD = re.compile(r"CURRENT r\d+|PUT BACK r\d+|To put it back:|^\$ .*")
_LINE, _COLUMN, _MARGIN = 18, 8.0, 16


def images() -> dict[str, str]:
    """Return the text of each picture by the name of its file."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(key=KEY) as sandbox:
        program = Program(Path(folder), api=sandbox, database="changelog.db")
        dids = ("did_101", "did_102")
        program.run("record", *dids, "-m", "before the winter menu").ended(0)
        for did in dids:
            sandbox.move(did, application_id="app_maintenance")
        program.run("record", "--all", "-m", "winter menu").ended(0)
        shown = {"card": "restore +15551230001", "diff": "diff", "list": "list"}
        return {
            f"{name}.svg": _svg(
                f"$ changelog {line}\n{program.run(*line.split()).ended(0).stdout}", name
            )
            for name, line in shown.items()
        }


def _svg(text: str, title: str) -> str:
    """Return a terminal with `text` in it, in the colours that the reader prefers."""
    lines = [_made_up(line) for line in text.rstrip("\n").splitlines()]
    width = 2 * _MARGIN + _COLUMN * max(map(len, lines))
    height = 2 * _MARGIN + _LINE * len(lines)
    rows = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _LINE * n + 13}">{_bold(line)}</text>'
        for n, line in enumerate(lines)
        if line.strip()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">\n'
        f"<title>changelog {title}</title>\n"
        "<style>\n"
        "svg { background: #f6f8fa; } text { font: 13px monospace; fill: #1f2328; }\n"
        "text { white-space: pre; } .b { font-weight: bold; fill: #0969da; }\n"
        "@media (prefers-color-scheme: dark) {\n"
        "svg { background: #0d1117; } text { fill: #e6edf3; } .b { fill: #58a6ff; } }\n"
        f"</style>\n{rows}\n</svg>\n"
    )


def _made_up(line: str) -> str:
    clock = next((times for known, times in _TIMES.items() if known in line), ("03:00",))
    times = iter(clock)
    line = _UPDATED.sub(r"\g<1>2026-11-26 02:58:00Z, within that time.", line)
    line = _SPAN.sub(lambda span: "5 min".ljust(len(span[0])), line)
    return line if "updated_at" in line else _TIME.sub(lambda _: _at(next(times)), line)


def _at(clock: str) -> str:
    return f"2026-11-26 {clock}:00Z"


def _bold(line: str) -> str:
    parts, at = [], 0
    for match in _BOLD.finditer(line):
        parts += [escape(line[at : match.start()]), f'<tspan class="b">{escape(match[0])}</tspan>']
        at = match.end()
    return "".join([*parts, escape(line[at:])])


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for name, text in images().items():
        (IMAGES / name).write_text(text)
