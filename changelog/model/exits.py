"""Every condition that a run can meet, and the exit code of each."""

DIFFERENT = "different"
NO_TARGET = "no_target"
UNKNOWN_DID = "unknown_did"
UNKNOWN_REVISION = "unknown_revision"
UNKNOWN_TAG = "unknown_tag"
NOTHING_RECORDED = "nothing_recorded"
UNREADABLE = "unreadable"
NOT_COMPARED = "not_compared"
"""A DID was read, and its expected destination could not be compared."""
NOT_READ_BY_TAG = "not_read_by_tag"
"""The capture of the tag had not read a DID, so what it was then is not known."""
INCOMPLETE = "incomplete"
"""A deadline was over before all of the log was read that was asked about."""
NO_ANSWER = "no_answer"
UNAUTHORIZED = "unauthorized"
DATABASE_UNUSABLE = "database_unusable"
BROKEN_LOG = "broken_log"
INTERRUPTED = "interrupted"
TAG_TAKEN = "tag_taken"
BUG = "bug"
MIRROR = "mirror"
"""The answer is from the mirror: the run ends as it would have from the log itself."""

EXIT_CODES = {
    BUG: 1,
    INTERRUPTED: 130,
    TAG_TAKEN: 2,
    BROKEN_LOG: 7,
    DATABASE_UNUSABLE: 8,
    NO_ANSWER: 6,
    UNAUTHORIZED: 6,
    UNREADABLE: 3,
    NOT_COMPARED: 3,
    NOT_READ_BY_TAG: 3,
    INCOMPLETE: 3,
    NO_TARGET: 5,
    UNKNOWN_DID: 5,
    UNKNOWN_REVISION: 5,
    UNKNOWN_TAG: 5,
    NOTHING_RECORDED: 5,
    DIFFERENT: 4,
    MIRROR: 0,
}
"""Every condition and its exit code; where several apply, the first in ``PRECEDENCE`` wins."""

PRECEDENCE = (1, 130, 2, 7, 8, 6, 3, 5, 4)
