"""Results as CSV, for a spreadsheet or a program to compute with.

RFC 4180 in UTF-8, with a header, but for its line ends: they are ``\\n``. The answer goes into
pipes, where a ``\\r`` would stick to the last column, and spreadsheets read both. No cell holds a
line break, so a line is always a record.

Values are whole, not masked, as with ``--json``; control, bidirectional and invisible characters
are escaped as everywhere.
"""

import csv
import io
import re
from datetime import datetime
from typing import Any

from changelog.model.exits import Result
from changelog.model.text.json_body import canonical_json
from changelog.model.text.sanitize import escape
from changelog.model.text.times import rfc3339
from changelog.render.documents import plain
from changelog.render.style import Side, Value
from changelog.render.tables import Table, table

_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_FORMULA = re.compile(rf"""['" ]*[{_SIGNS}]""")
"""What a spreadsheet would run: with spaces or quotes before it (some strip them), or in full width
and small forms (some take these for the same). The apostrophes make the way back unambiguous: see
`_defused`."""
_TELEPHONE = re.compile(r"\+[0-9]+")


def document(command: str, result: Result) -> str:
    """Write the whole answer of `command`, without its last line end."""
    return csv_table(table(command, result)).removesuffix("\n")


def csv_table(content: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(content.columns)
    writer.writerows([_defused(_spelled(cell)) for cell in row] for row in content.rows)
    return out.getvalue()


def _spelled(cell: Any) -> str:
    """Spell a cell: nothing is empty, a text stands as it is, what has parts as its JSON."""
    value = cell.value if isinstance(cell, Value | Side) else cell
    if value is None or value == ():
        return ""
    if isinstance(value, str):
        return escape(value)
    return rfc3339(value) if isinstance(value, datetime) else canonical_json(plain(value))


def _defused(cell: str) -> str:
    """Put an apostrophe before `cell` if a spreadsheet would run it as a formula.

    A ``+`` with nothing but digits stays: it can only ever come to a number, and it is how every
    telephone number is written, which programs must be able to read. Tab and carriage return are
    no beginning that can still happen: they are escaped by then.

    A reader of the value takes one apostrophe away where one stands before such a beginning; so
    that this is always right, a value that has apostrophes there gets another.
    """
    if _FORMULA.match(cell) and not _TELEPHONE.fullmatch(cell):
        return f"'{cell}"
    return cell
