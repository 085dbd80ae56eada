"""Command lines to paste into a shell: the one place that spells them.

An id comes from a server. It may begin with a dash, or hold what a shell, a terminal or a chat
program reads as more than text. Each word comes out of a shell as exactly the text that went in.
"""

import shlex
from collections.abc import Iterable

from changelog.model.text.sanitize import escape

_AS_OCTAL = "'\\!`"
"""Besides what is not printable: an exclamation mark calls the history of an interactive shell."""


def word(text: str) -> str:
    """Return `text` as one word of a POSIX shell, made of visible characters and no backtick.

    A backtick would end the code of a chat program. Readers of HTML show two spaces as one.
    """
    if escape(text) == text and "`" not in text and "  " not in text:
        return shlex.quote(text)
    quoted = "".join(map(_quoted, text)).replace("  ", " \\040")
    return f"$'{quoted}'"


def _quoted(character: str) -> str:
    """Three octal digits a byte: the form that all shells with ``$'…'`` read alike."""
    if " " <= character <= "~" and character not in _AS_OCTAL:
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode(errors="surrogatepass"))


def command_line(name: str, words: Iterable[str], options: str = "") -> str:
    """Return ``changelog NAME``, its `words` quoted, and `options`, which are spelled already.

    Words of which one begins with a dash stand last, behind ``--``.
    """
    words = list(words)
    quoted = "".join(f" {word(text)}" for text in words)
    if any(text.startswith("-") for text in words):
        return f"changelog {name}{options} --{quoted}"
    return f"changelog {name}{quoted}{options}"
