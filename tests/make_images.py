"""Writes docs/images/ from the program's own output: ``python -m tests.make_images``."""

import os
import re
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import escape

from changelog.render.html.environment import stylesheet
from changelog.sandbox.server import Sandbox
from changelog.store.location import SqliteLocation
from tests.logbook import Logbook
from tests.program import KEY, Program
from tests.web.visitor import Visitor

IMAGES = Path(__file__).parent.parent / "docs" / "images"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
_UPDATED = re.compile(r"(updated_at says ).*")
# How long it was depends on the run; it is a column, so it is padded.
_SPAN = re.compile(r"(?<=in service )(?!for an unknown).*?(?=seen)")
# The made-up times of a line, by what stands in it.
_TIMES = {
    "Routing changed": ("02:55", "03:00"),
    "The live route was read": ("03:05",),
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


def web_page() -> str:
    """Return the page of a DID with its style inside: what web.png shows."""
    urls = {f"app_{name}": f"https://voice.example.com/{name}/answer" for name in ("ivr", "winter")}
    names = {"app_ivr": "Main line", "app_winter": "Winter menu"}
    with (
        tempfile.TemporaryDirectory() as folder,
        Logbook(SqliteLocation(Path(folder) / "log.db")) as book,
    ):
        for application, note, person in (
            ("app_ivr", None, None),
            ("app_winter", "winter menu", "Ada"),
        ):
            capture = book.capture(answer_urls=urls, names=names, note=note, changed_by=person)
            book.see(application, did="did_101", capture=capture)
            capture.close()
        book.judge("good", 1, did="did_101")
        visitor = Visitor(book.location, contact="the NOC, +1 555 0100", now=book.now)
        text = visitor.get("/dids/did_101").text
    return re.sub("<link rel=[^>]*>", "", text).replace(
        "</head>", f"<style>{stylesheet()}</style></head>"
    )


def write_web_page(text: str) -> None:
    """Let Debian's Chromium draw it. What was drawn is known by its digest: pixels differ with the
    fonts of a machine."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(text)
        command = ["chromium", "--headless", "--disable-gpu", "--hide-scrollbars"]
        command += ["--no-sandbox"] if os.geteuid() == 0 else []
        command += ["--window-size=1000,760", f"--screenshot={IMAGES / 'web.png'}", str(page)]
        subprocess.run(command, check=True, capture_output=True)
    (IMAGES / "web.png.sha256").write_text(digest(text))


def digest(text: str) -> str:
    return f"{sha256(text.encode()).hexdigest()}\n"


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
    # The two looks lie within a second, or not.
    line = re.sub(r"(changed) at ([^.]+)", r"\1 between \2 and \2", line)
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
    write_web_page(web_page())
