"""The files that ``import``, ``evidence`` and ``--expect`` are given."""

from changelog.commands.recording.saved_responses import SavedFile
from changelog.commands.recording.verification_targets import (
    ExpectedDid,
    bad_expectations,
    parse_expectations,
)
from changelog.system.files import InputFile, open_input, read_list

LARGEST_FILE = 256 * 1024 * 1024


def saved(file: InputFile) -> SavedFile:
    """Return all of an open file. Raises UsageError where it is no saved answer's size."""
    return SavedFile(file.name, file.read(LARGEST_FILE), file.modified)


def read_saved(name: str) -> SavedFile:
    """Return all of a file, ``-`` for stdin. Raises UsageError where it cannot be read."""
    with open_input(name) as file:
        return saved(file)


def read_expectations(file: str, *, stdin_is_ours: bool) -> tuple[ExpectedDid, ...]:
    """Return the rows of `file`; ``-`` is stdin, unless that is a command's. Raises UsageError."""
    from_stdin = stdin_is_ours and file == "-"
    try:
        text = read_list(file, stdin=stdin_is_ours)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        ways = ", or - for stdin" if stdin_is_ours else "; stdin is the command's"
        raise bad_expectations(
            f"the expectations {file} cannot be read: {reason}", f"Name a CSV file{ways}."
        ) from error
    return parse_expectations(text, "the expectations" if from_stdin else file)
