"""The files that ``import``, ``evidence`` and ``--expect`` are given."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from changelog.commands.recording.expectations_file import (
    ExpectedDid,
    bad_expectations,
    parse_expectations,
)
from changelog.commands.recording.saved_responses import SavedFile
from changelog.model.errors import UsageError
from changelog.system.files import InputFile, open_input, read_list

LARGEST_FILE = 256 * 1024 * 1024


def with_those_in_folders(names: Sequence[str]) -> list[str]:
    """Return the files named, and those in the folders named, at any depth, sorted by name.

    Of a folder only ordinary files count, none that is hidden. Raises UsageError for a folder that
    has none.
    """
    files: list[str] = []
    for name in names:
        found = sorted(_in_folder(name)) if name != "-" and Path(name).is_dir() else [name]
        if not found:
            raise UsageError(f"{name} is a folder without any file to import", "Name a file.")
        files += found
    return files


def _in_folder(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            if path.is_file() and not path.is_symlink():
                yield str(path)


def saved_file(file: InputFile) -> SavedFile:
    """Return all of an open file. Raises UsageError where it is no saved answer's size."""
    return SavedFile(file.name, file.read(LARGEST_FILE), file.modified)


def read_saved_file(name: str) -> SavedFile:
    """Return all of a file, ``-`` for stdin. Raises UsageError where it cannot be read."""
    with open_input(name) as file:
        return saved_file(file)


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
