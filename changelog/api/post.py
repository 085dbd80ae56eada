"""Posts to an address that is not the API's: no key is at hand here."""

import ssl
from collections.abc import Mapping
from threading import Event

from changelog.api.failures import RAISED, Failure, failure_of
from changelog.api.limits import Limits
from changelog.api.network import Deadline
from changelog.api.transport import open_client, ready_request


def post(
    url: str, headers: Mapping[str, str], content: bytes, tls: ssl.SSLContext | None, seconds: float
) -> int | Failure:
    """Return the status of the answer to `content`; of that answer, only the head is read.

    `seconds`: from resolving the name to the status.
    """
    deadline = Deadline(Event())
    deadline.start(seconds)
    headers = {**headers, "Content-Length": str(len(content))}
    with open_client(deadline, tls, Limits(connect_s=seconds, read_s=seconds)) as client:
        try:
            response = client.send(ready_request("POST", url, headers, content), stream=True)
        except RAISED as error:
            begun, ended, host = deadline.begun, deadline.ended, deadline.host
            return failure_of(error, begun=begun, ended=ended, host=host)
        response.close()
        return response.status_code
