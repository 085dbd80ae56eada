"""Resolves a name within a time limit, in a thread that is left alone when it takes too long."""

from concurrent.futures import Future
from contextlib import suppress
from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from threading import Thread
from typing import Any

import httpcore

from changelog.api.failures import NameNotResolved

MOST_ADDRESSES = 4


def addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of `host`. Raises NameNotResolved, after `seconds` ConnectTimeout."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    places: Future[list[Any]] = Future()

    def resolve() -> None:
        try:
            places.set_result(getaddrinfo(host, port, type=SOCK_STREAM))
        except BaseException as error:
            places.set_exception(error)

    Thread(target=resolve, name="changelog-resolve", daemon=True).start()
    try:
        addresses = [str(place[0]) for *_, place in places.result(seconds)]
    except TimeoutError as error:
        raise httpcore.ConnectTimeout from error
    except (OSError, UnicodeError) as error:
        # A name that cannot be spelled for the resolver is a UnicodeError.
        raise NameNotResolved from error
    return list(dict.fromkeys(addresses))[:MOST_ADDRESSES]
