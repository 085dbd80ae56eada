"""``changelog import`` of an export."""

from contextlib import closing

from changelog.cli.context import open_writer
from changelog.cli.output import Output
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings
from changelog.commands.upkeep.import_log import import_log
from changelog.model.log_format.export_reading import ExportReader
from changelog.render import imported
from changelog.store.journal.import_ import LogImporter, ThinnedAccounts
from changelog.store.journal.row_types import row_of
from changelog.store.versions import VERSIONS
from changelog.system.files import InputFile


def import_export(out: Output, settings: Settings, opened: InputFile, *, proven_part: bool) -> int:
    """Prove the export, then store what the log lacks. Returns the exit code."""
    progress = Progress()
    with opened.seekable() as file, ThinnedAccounts() as accounts:
        start = file.tell()

        def read() -> ExportReader:
            file.seek(start)
            return ExportReader(file, opened.name, row_of, VERSIONS)

        read()  # Whatever is no export at all makes no database.
        with open_writer(settings) as writer, closing(progress):
            importer = LogImporter(writer.transactions)
            result = import_log(read, importer, accounts, progress, proven_part=proven_part)
    return out.answer("import", result, imported.log)
