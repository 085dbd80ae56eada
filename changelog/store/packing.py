"""Bodies as they are kept: verbatim, deflated against what the row's other columns already say.

A DID's body repeats its typed columns and, from row to row, the same field names. With both as the
preset dictionary (RFC 1950, 1951) a body of 250 bytes takes about 40. The dictionary is part of the
format: a change of it needs a new marker and a migration.
"""

import zlib
from typing import NamedTuple

PLAIN = b"\0"
DEFLATED = b"\1"
"""The first byte says how the rest is to be read."""
_LARGEST = 64 * 1024 * 1024
"""Bytes that a body may unpack to. A larger one, which only ``import`` can bring, is kept plain."""
_SMALL = 2048
_COMMON = (
    '"expires_at":null,"trunk_id":null,"name":"","description":"","metadata":{},"tags":[],'
    '"type":"local","country":"US","capabilities":["voice","sms"],"monthly_price":"sip:https://'
    '"reject""suspended""inactive"false,true,'
)


class PackedWith(NamedTuple):
    """The columns of a revision that are the dictionary of its body."""

    did: str
    number: str | None
    application_id: str | None
    route_mode: str | None
    destination: str | None
    status: str | None


class BrokenBody(ValueError):
    """The bytes are no packed body: somebody changed them."""


def pack_body(body: str, columns: PackedWith) -> bytes:
    """`body` in as few bytes as may be."""
    raw = body.encode()
    if len(raw) > _LARGEST:
        return PLAIN + raw
    window = -12 if len(raw) < _SMALL else -15
    deflate = zlib.compressobj(6, zlib.DEFLATED, window, 4, 0, _dictionary(columns))
    packed = deflate.compress(raw) + deflate.flush()
    return DEFLATED + packed if len(packed) < len(raw) else PLAIN + raw


def unpack_body(packed: bytes, columns: PackedWith) -> str:
    """The body, exactly as it came. Raises BrokenBody."""
    marker, rest = packed[:1], packed[1:]
    try:
        if marker == PLAIN:
            return rest.decode()
        if marker == DEFLATED:
            inflate = zlib.decompressobj(-15, _dictionary(columns))
            raw = inflate.decompress(rest, _LARGEST)
            if inflate.eof and not inflate.unused_data:
                return raw.decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise BrokenBody(str(error)) from error
    raise BrokenBody("it does not end where it should, or its first byte is unknown")


def _dictionary(columns: PackedWith) -> bytes:
    """The documented shape of a body, with white space and without; the likeliest text last."""
    did, number, application, mode, destination, status = (value or "" for value in columns)
    return (
        f'{_COMMON}{destination}{{"id": "{did}", "customer_id": "cust_", "application_id":'
        f' "{application}", "number_e164": "{number}", "provider": "didww", "status": "{status}",'
        f' "route_mode": "{mode}", "created_at": "2026-05-29T12:00:00Z", "updated_at": "2026-11-2"'
        f'{{"id":"{did}","customer_id":"cust_","application_id":"{application}","number_e164":'
        f'"{number}","provider":"didww","status":"{status}","route_mode":"{mode}",'
        '"created_at":"2026-05-29T12:00:00Z","updated_at":"2026-11-2"'
    ).encode()
