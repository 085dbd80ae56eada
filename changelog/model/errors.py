"""The one tree of errors that a user can meet, each with a message, a hint and an exit code.

    ChangelogError
    ├── UsageError          2  a wrong or missing argument
    │   └── SplitNumber        several words that may be one number
    ├── OutOfTime           3  a read that its deadline cut short
    ├── NothingError        5  no such DID, revision, tag; nothing recorded yet
    ├── BrokenExport        7  an export that its own digests contradict, or that was cut off
    └── DatabaseError       8  the database cannot be used
        ├── DatabaseBusy       locked by another program for too long
        ├── DatabaseFull       no room on the disk
        ├── DatabaseReadOnly   not writable where a write was needed
        ├── DatabaseLost       a server that cannot be reached, or not any more
        ├── BodyBroken         a stored body that something else has changed
        └── SchemaMismatch     made by a newer program, or not upgraded yet

What a single DID met is not an error of the run: it is a value (``answers.Problem``) in its result.
That the API gave no answer at all (6) is a condition of the result: see ``exits``.
"""

from typing import ClassVar


class ChangelogError(Exception):
    """Base of all: ``message`` says what and why, ``hint`` what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class UsageError(ChangelogError):
    exit_code = 2

    def __init__(self, message: str, hint: str = "", code: str = "usage") -> None:
        super().__init__(code, message, hint)


class SplitNumber(UsageError):
    """Several words that may be one `number`, none of which the log knows."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} looks like one number, and was given as several names",
            "Name ids that are short numbers one at a time.",
        )
        self.number = number


def missing_extra(what: str, extra: str, code: str) -> UsageError:
    """Return what to say where the packages of an extra are not installed."""
    install = f"pipx install --force '.[{extra}]'"
    return UsageError(what, f"Install the extra {extra}, in your clone: {install}", code)


class OutOfTime(ChangelogError):
    exit_code = 3

    def __init__(self) -> None:
        super().__init__(
            "incomplete",
            "the time limit ended before the log was read, so there is no answer",
            "Ask for less, or give it more time.",
        )


class NothingError(ChangelogError):
    exit_code = 5


class BrokenExport(ChangelogError):
    exit_code = 7

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("broken_export", message, hint)


class DatabaseError(ChangelogError):
    exit_code = 8

    def __init__(self, message: str, hint: str = "", code: str = "database_unusable") -> None:
        super().__init__(code, message, hint)


class DatabaseBusy(DatabaseError):
    pass


class DatabaseFull(DatabaseError):
    pass


class DatabaseReadOnly(DatabaseError):
    pass


class DatabaseLost(DatabaseError):
    pass


class BodyBroken(DatabaseError):
    pass


class SchemaMismatch(DatabaseError):
    pass
