"""Which revisions PostgreSQL's index `revision_newest` holds: it refuses a row above 2,704 bytes.

The id has 255 characters at most, which may take 1,020 bytes. The rest may have any length.
"""

_COLUMNS = ("number", "application_id", "destination")
_BYTES = " + ".join(f"octet_length(coalesce({column}, ''))" for column in _COLUMNS)
SHORT_TARGET = f"{_BYTES} <= 500"
LONG_TARGET = f"{_BYTES} > 500"
