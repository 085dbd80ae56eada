"""Which API URLs a key may be sent to, and the paths below them."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address
from urllib.parse import quote

from changelog.model.did_ref import Target
from changelog.model.errors import UsageError

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,62})"
# Stricter than any parser of URLs, so that no two parsers can differ on which host is meant.
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|{_LABEL}(?:\.{_LABEL})*\.?)"
    r"(?P<port>:[0-9]{1,5})?(?P<path>/[a-z0-9._~!$&'()*+,;=:@%/-]*)?",
    re.ASCII | re.IGNORECASE,
)
_LOOPBACK = IPv4Network("127.0.0.0/8")
_LAST_PORT = 65535


def check_api_url(text: str) -> str:
    """`text` without a slash at its end. Raises UsageError for what a key must not be sent to.

    Accepted: https to any host, plain http to this host only (127.0.0.0/8, ::1, localhost); no
    user name, no query, no fragment.
    """
    if "@" in text.partition("://")[2].partition("/")[0]:
        # Not repeated: a password may stand in it.
        raise _refusal("the API URL must not carry a user name or password")
    match = _URL.fullmatch(text)
    if match is None or not _is_port(match["port"]) or not _is_host(match["host"]):
        # Not repeated either: somebody may have set the key in its place.
        raise _refusal("the API URL cannot be used")
    scheme, host = match["scheme"].lower(), match["host"].lower()
    if scheme == "http" and not _is_loopback(host):
        raise _refusal("the API URL must be https: plain http would show the key to the network")
    return f"{scheme}://{host}{match['port'] or ''}{(match['path'] or '').rstrip('/')}"


def _refusal(message: str) -> UsageError:
    hint = "Set MINIVOICE_API_URL like https://api.minivoice.eu/v1, without query and fragment"
    return UsageError(message, hint)


def _is_port(port: str | None) -> bool:
    return port is None or 0 < int(port[1:]) <= _LAST_PORT


def _is_host(host: str) -> bool:
    """Return whether it is a host or an address: resolvers read 127.1 and 0x7f.1 in their ways."""
    if host.startswith("["):
        return _ipv6(host) is not None
    last_label = host.rstrip(".").rpartition(".")[2]
    return not re.match(r"[0-9]|0x", last_label) or _ipv4(host) is not None


def _is_loopback(host: str) -> bool:
    address = _ipv4(host)
    return (
        host == "localhost"
        or (address is not None and address in _LOOPBACK)
        or _ipv6(host) == IPv6Address("::1")
    )


def _ipv4(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except AddressValueError:
        return None


def _ipv6(host: str) -> IPv6Address | None:
    try:
        return IPv6Address(host.strip("[]"))
    except AddressValueError:
        return None


def path_of(target: Target) -> str:
    """Return the path of a DID below the API URL: whatever the id holds, it is one segment."""
    if target.number is not None:
        # A literal plus, as in the provider's example.
        return f"/dids/by-number/{_segment(target.number, safe='+')}"
    return f"/dids/{_segment(asked_id(target))}"


def asked_id(target: Target) -> str:
    return target.requested if target.did is None else target.did


def _segment(text: str, safe: str = "") -> str:
    if text in (".", ".."):
        # Dots are never quoted, and as they are these two would climb the path.
        return text.replace(".", "%2E")
    # A stored id can hold a lone surrogate, which has no other spelling in bytes.
    return quote(text, safe=safe, errors="surrogatepass")
