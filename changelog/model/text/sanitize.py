"""Showing stored text harmlessly: what a terminal would obey is written as an escape instead.

A value from the API, a note or a file name may hold escape sequences, right-to-left marks or
characters that cannot be seen. On a screen they are shown as ``\\x1b`` or ``\\u202e``; the database
keeps them as they came. So are marks that pile up on one letter, which would paint over the lines
around it. A command line to paste is quoted, so that a shell takes each value as one word.
"""

import re
import shlex
import unicodedata
from collections.abc import Iterable

_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Letters and marks that draw nothing: Hangul fillers, the grapheme joiner, Khmer inherent vowels,
# the blank Braille pattern, Mongolian and other variation selectors.
_INVISIBLE = frozenset(
    code
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
MOST_MARKS = 8
"""Marks on one letter. No script needs more than four or five."""
_MARKS = frozenset({"Mn", "Me"})
"""Categories that take no room of their own."""
_QUERY = re.compile(r"([^?#]*)(.*)", re.DOTALL)
# Only from where letters begin: from each letter on, a long word took time by its length squared.
_SCHEME = r"(?<![A-Za-z])[A-Za-z]+:"
_URL = re.compile(rf"{_SCHEME}//[^\s\"'<>\\]+")
# As JSON may spell it; PHP's does so unless told otherwise.
_ESCAPED_URL = rf"{_SCHEME}\\/\\/(?:[^\s\"'<>\\]|\\/)+"
# Half of a surrogate pair is no character.
_ESCAPE = r"\\(?:x[0-9a-f]{2}|u(?!d[89a-f])[0-9a-f]{4}|U000[0-9a-f]{5}|U0010[0-9a-f]{4})"
_ORDINARY = re.compile(r"[ -~]*")


def escape(text: str) -> str:
    """Escape every control, bidirectional and other invisible character in `text`."""
    if _ORDINARY.fullmatch(text):
        return text
    shown = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        harmful = category in _INVISIBLE_CATEGORIES or ord(character) in _INVISIBLE
        plain = character == " " or not (harmful or marks > MOST_MARKS)
        shown.append(character if plain else _escaped(ord(character)))
    return "".join(shown)


def _escaped(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def list_line(name: str) -> str:
    """Return `name` as it stands in a list, one a line, where ``#`` begins a comment."""
    return escape(re.sub(r"[#\\]|^ | \Z", lambda found: _escaped(ord(found[0])), name))


def listed_name(line: str) -> str:
    """Return the name on a line of a list: what `list_line` made it of."""
    name = re.split("[#\t]", line, maxsplit=1)[0].strip()
    return re.sub(_ESCAPE, lambda found: chr(int(found[0][2:], 16)), name)


def width(text: str) -> int:
    """Return how many columns of a terminal `text` takes once it is escaped."""
    return len(text) if text.isascii() else sum(map(_width, text))


def clip(text: str, columns: int) -> str:
    """Return as much of the beginning of `text` as fits into so many columns."""
    if text.isascii():
        return text[:columns]
    for end, character in enumerate(text):
        columns -= _width(character)
        if columns < 0:
            return text[:end]
    return text


def _width(character: str) -> int:
    if unicodedata.category(character) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def truncate(text: str, longest: int) -> str:
    """Cut a text that is longer, and say how much is left out."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text) - longest} more characters)"


_SIP_PASSWORD = re.compile(r"""(\bsips?:[^\s:@/;?"']*):[^\s@/"']*@""", re.IGNORECASE)
_PASSWORD = re.compile(r"([^\s:@/]*):[^\s@]*@")


def masked(destination: str) -> str:
    """Hide the parts of a URL that may hold a secret: user info and query; of a SIP URI, whose user
    says where it leads, the password."""
    destination = _SIP_PASSWORD.sub(r"\1:***@", destination)
    scheme, separator, rest = destination.partition("://")
    if destination.lower().startswith(("sip:", "sips:")):
        return destination
    if not separator:
        return _masked_without_scheme(destination)
    place, query = _QUERY.match(rest).groups()  # type: ignore[union-attr]
    if place.count("[") != place.count("]"):
        return "***"
    host, slash, path = place.partition("/")
    _, at, host = host.rpartition("@")
    if not at and "@" in path and not host.rpartition(":")[2].isdigit() and ":" in host:
        # A password with a slash in it.
        at, host, slash, path = "@", path.rpartition("@")[2], "", ""
    if not at and not query:
        return destination
    return f"{scheme.lower()}://{'***@' if at else ''}{host}{slash}{path}{'?***' if query else ''}"


def _masked_without_scheme(destination: str) -> str:
    """Hide a password and a query: an ``answer_url`` may be spelled without its scheme."""
    place, question, query = destination.partition("?")
    place = _PASSWORD.sub(r"\1:***@", place)
    return f"{place}?***" if query else f"{place}{question}"


def masked_urls(text: str) -> str:
    """Mask every URL in `text`, those in JSON too whose slashes are escaped."""
    text = _SIP_PASSWORD.sub(r"\1:***@", text)
    if "://" in text:
        text = _URL.sub(lambda match: masked(match[0]), text)
    if ":\\/\\/" in text:
        text = re.sub(_ESCAPED_URL, _masked_escaped, text)
    return text


def _masked_escaped(match: re.Match[str]) -> str:
    return masked(match[0].replace("\\/", "/")).replace("/", "\\/")


def masked_pair(before: str, after: str) -> tuple[str, str]:
    """Mask both; where the difference lies in what is hidden, say so."""
    shown = masked(before), masked(after)
    if before != after and shown[0] == shown[1]:
        return f"{shown[0]} (hidden part 1)", f"{shown[1]} (hidden part 2)"
    return shown


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


class Command(str):
    """A command line to paste, or a word of one: never masked, or it would do something else."""

    __slots__ = ()


class Advice(str):
    """What to do next, of a `template` and its `values`: a medium may set off the commands."""

    template: str
    values: tuple[object, ...]

    @classmethod
    def of(cls, template: str, *values: object) -> "Advice":
        """Put the values, which may be advice too, into the template."""
        advice = cls(template.format(*values))
        advice.template, advice.values = template, values
        return advice


_WRITERS = frozenset(
    ("record", "verify", "deploy", "watch", "note", "mark", "evidence", "import", "prune", "db")
)
"""Commands that a mirror refuses."""


class _Log:
    """What names the log of this run, for commands that read and for those that write."""

    readers = writers = ""


def name_log(readers: str, writers: str | None = None) -> None:
    """Let every command line name the log of this run by these options, which are spelled already.

    `writers`: for commands that write, where they need another log.
    """
    _Log.readers, _Log.writers = readers, readers if writers is None else writers


def command_line(name: str, words: Iterable[str] = (), options: str = "") -> Command:
    """Return ``changelog NAME``, its `words` quoted, and `options`, which are spelled already.

    The options of `name_log` stand behind these. Words of which one begins with a dash stand last,
    behind ``--``. Every command that is told to a user is spelled here: without these options it
    would meet another log.
    """
    words = list(words)
    options += _Log.writers if name.split()[0] in _WRITERS else _Log.readers
    quoted = "".join(f" {word(text)}" for text in words)
    if any(text.startswith("-") for text in words):
        return Command(f"changelog {name}{options} --{quoted}")
    return Command(f"changelog {name}{quoted}{options}")
