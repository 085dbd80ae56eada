"""``changelog import`` of an export."""

from changelog.cli.opening import open_writer
from changelog.cli.output import Output
from changelog.cli.progress import StatusLine
from changelog.cli.saved_files import OpenFile, to_read_twice
from changelog.cli.settings import Settings
from changelog.commands.importing_log import import_log
from changelog.core.export_reading import ExportReader
from changelog.render import imported
from changelog.storage.importing import LogImporter, ThinnedAccounts
from changelog.storage.row_types import row_of
from changelog.storage.versions import VERSIONS


def import_export(out: Output, settings: Settings, opened: OpenFile, *, proven_part: bool) -> int:
    """Prove the export, then store what the log lacks. Returns the exit code."""
    line = StatusLine()
    with to_read_twice(opened) as file, ThinnedAccounts() as accounts:
        start = file.tell()

        def read() -> ExportReader:
            file.seek(start)
            return ExportReader(file, opened.name, row_of, VERSIONS)

        read()  # Whatever is no export at all makes no database.
        with open_writer(settings) as writer:
            importer = LogImporter(writer.transactions)
            try:
                result = import_log(
                    read,
                    importer,
                    accounts,
                    proven_part=proven_part,
                    on_progress=lambda done, n: line.show(f"{done}: {n} entries"),
                )
            finally:
                line.clear()
    return out.answer("import", result, imported.log)
