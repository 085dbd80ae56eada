"""How a secret can be spelled by a server that repeats a request: as it is, quoted, or encoded."""

import json
from base64 import b64encode
from functools import lru_cache
from urllib.parse import quote

SHORTEST_SECRET = 6
"""A shorter one is a typing error or a test's; replacing it would eat ordinary words."""
_SHORTEST_ENCODED = 12
"""Characters from which on a secret is looked for in base64: of a shorter one too little is left
that does not depend on what stands around it."""
_BITS_OF_A_DIGIT = 6


@lru_cache(maxsize=256)
def spellings(secret: str) -> tuple[str, ...]:
    """The texts that give `secret` away, the longest first; none for one too short to be one.

    As it is; as JSON, HTML and URLs quote it; in hexadecimal digits; in base64, wherever in the
    encoded text it begins.
    """
    if len(secret) < SHORTEST_SECRET:
        return ()
    # Its table of entities takes longer to load than a restore has.
    import html

    raw = secret.encode("utf-8", "surrogatepass")
    in_json = json.dumps(secret)[1:-1]
    found = {secret, in_json, in_json.replace("/", "\\/")}
    found |= {html.escape(secret), html.escape(secret).replace("&#x27;", "&#39;")}
    for percent in (quote(raw, safe=""), quote(raw), "".join(f"%{byte:02X}" for byte in raw)):
        found |= {percent, _lower_escapes(percent)}
    found |= {raw.hex(), raw.hex().upper()}
    if len(secret) >= _SHORTEST_ENCODED:
        found |= {
            _in_base64(raw, offset, altered) for offset in range(3) for altered in (b"+/", b"-_")
        }
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _lower_escapes(percent: str) -> str:
    """The same with the digits of each escape in lower case: ``%2F`` as ``%2f``."""
    first, *rest = percent.split("%")
    return first + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _in_base64(raw: bytes, offset: int, altered: bytes) -> str:
    """The digits that stand for `raw` alone, where `offset` bytes stand before it in its group."""
    digits = b64encode(bytes(offset) + raw, altered).decode()
    first = -(-offset * 8 // _BITS_OF_A_DIGIT)
    return digits[first : (offset + len(raw)) * 8 // _BITS_OF_A_DIGIT]
