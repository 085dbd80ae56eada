"""Showing stored text harmlessly: what a terminal would obey is written as an escape instead.

A value from the API, a note or a file name may hold escape sequences, right-to-left marks or
characters that cannot be seen. On a screen they are shown as ``\\x1b`` or ``\\u202e``; the database
keeps them as they came.
"""

import re
import unicodedata

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
_QUERY = re.compile(r"([^?#]*)(.*)", re.DOTALL)
_URL = re.compile(r"[a-z]+://[^\s\"'<>\\\\]+")
_ORDINARY = re.compile(r"[ -~]*")


def visible(text: str) -> str:
    """`text` with every control, bidirectional and other invisible character escaped."""
    if _ORDINARY.fullmatch(text):
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    code = ord(character)
    if character == " " or not (
        unicodedata.category(character) in _INVISIBLE_CATEGORIES or code in _INVISIBLE
    ):
        return character
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def masked(destination: str) -> str:
    """`destination` with the parts of a URL that may hold a secret hidden: user info and query."""
    scheme, separator, rest = destination.partition("://")
    if not separator or scheme.lower() in ("sip", "sips"):
        return destination
    place, asked = _QUERY.match(rest).groups()  # type: ignore[union-attr]
    if place.count("[") != place.count("]"):
        return "***"
    host, slash, path = place.partition("/")
    _, at, host = host.rpartition("@")
    if not at and "@" in path and not host.rpartition(":")[2].isdigit() and ":" in host:
        # A password with a slash in it.
        at, host, slash, path = "@", path.rpartition("@")[2], "", ""
    if not at and not asked:
        return destination
    return f"{scheme.lower()}://{'***@' if at else ''}{host}{slash}{path}{'?***' if asked else ''}"


def masked_urls(text: str) -> str:
    """`text` with every http URL in it masked."""
    return _URL.sub(lambda found: masked(found[0]), text)


def masked_pair(before: str, after: str) -> tuple[str, str]:
    """Both masked; where the difference lies in what is hidden, it is said so."""
    shown = masked(before), masked(after)
    if before != after and shown[0] == shown[1]:
        return f"{shown[0]} (hidden part 1)", f"{shown[1]} (hidden part 2)"
    return shown


def megabytes(size: int) -> str:
    """`size` bytes as people say it."""
    return f"{size / 1_000_000:.1f} MB"
