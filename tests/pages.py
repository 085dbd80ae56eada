"""What a page shows of an output, compared with what the program says."""

import re

_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"
_LEFT_OUT = "…"


def shows(shown: str, output: str) -> bool:
    """Return whether `shown` is the output: any times, and ``…`` for lines that are left out.

    An output that is shown whole may have its lines in any order, since answers come in any.
    """
    if _LEFT_OUT not in shown.splitlines():
        return _without_times(shown) == _without_times(output)
    lines = [r"(?:.*\n)*?" if line == _LEFT_OUT else _any_time(line) for line in shown.splitlines()]
    pattern = "".join(
        line if line.startswith("(?:.*") else re.escape(line) + r"\n" for line in lines
    )
    return re.fullmatch(pattern, _any_time(output)) is not None


def _without_times(text: str) -> list[str]:
    return sorted(_any_time(text).splitlines())


def _any_time(text: str) -> str:
    """Return `text` with one time for all: two looks may lie within a second, or not."""
    return re.sub(_TIME, "T", text).replace("between T and T", "at T")
