"""The inputs that are kept: one a line, in the folder beside this file, a file for each target."""

from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
PURE = ("body", "http_answer", "webhook", "words", "files")
PROGRAM = ("command_line", "served", "imported")
"""These run the whole program in this process, over a log."""
TARGETS = (*PURE, *PROGRAM, "delivered")


def kept(target: str) -> list[bytes]:
    path = FOLDER / f"{target}.txt"
    lines = path.read_text("ascii").splitlines() if path.exists() else []
    return [_bytes_of(line) for line in lines if line]


def line_of(data: bytes) -> str:
    """`data` as a line: ASCII, what is beyond it escaped."""
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def _bytes_of(line: str) -> bytes:
    return line.encode("ascii").decode("unicode_escape").encode("latin-1")
