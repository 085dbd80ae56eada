"""The files that are handed to ``import`` and ``evidence``, as those commands take them."""

from changelog.commands.recording.saved_responses import SavedFile
from changelog.system.files import InputFile, open_input

LARGEST_FILE = 256 * 1024 * 1024


def saved(file: InputFile) -> SavedFile:
    """Return all of an open file. Raises UsageError where it is no saved answer's size."""
    return SavedFile(file.name, file.read(LARGEST_FILE), file.modified)


def read_saved(name: str) -> SavedFile:
    """Return all of a file, ``-`` for stdin. Raises UsageError where it cannot be read."""
    with open_input(name) as file:
        return saved(file)
