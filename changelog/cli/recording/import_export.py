"""``changelog import`` of an export."""

from contextlib import closing

from changelog.cli.context import open_transactions
from changelog.cli.output import Output
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings
from changelog.render import recording
from changelog.store.journal.export_reading import ExportReader
from changelog.store.journal.import_ import LogImport
from changelog.system.files import InputFile


def import_export(out: Output, settings: Settings, opened: InputFile, *, proven_part: bool) -> int:
    """Prove the export, then store what the log lacks. Returns the exit code."""
    progress = Progress()
    with opened.seekable() as file:
        start = file.tell()

        def read() -> ExportReader:
            file.seek(start)
            return ExportReader(file, opened.name)

        read()  # Whatever is no export at all makes no database.
        with open_transactions(settings) as transactions, closing(progress):
            log = LogImport(transactions, progress)
            result = log.run(read, proven_part=proven_part)
    return out.answer("import", result, recording.imported_log)
