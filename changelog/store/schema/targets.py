"""Which revisions PostgreSQL's index `revision_newest` holds: it refuses a row above 2,704 bytes.

An id and a number have 255 characters at most, so 500 bytes are left for the rest.
"""

_BYTES = "octet_length(coalesce(application_id, '')) + octet_length(coalesce(destination, ''))"
SHORT_TARGET = f"{_BYTES} <= 500"
LONG_TARGET = f"{_BYTES} > 500"
