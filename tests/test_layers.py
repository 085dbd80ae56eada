"""The layers of docs/design.md hold, and reading commands stay light."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from changelog.cli.main import COMMANDS
from changelog.sandbox.server import Sandbox
from tests.logbook import Logbook
from tests.program import Program

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "changelog"
MAY_IMPORT = {
    "model": {"model"},
    "commands": {"commands", "model"},
    "render": {"render", "model"},
    "api": {"api", "model"},
    "store": {"store", "model"},
    "sandbox": {"sandbox", "model"},
    "system": {"system", "model"},
    "web": {"web", "commands", "render", "model"},
    "cli": {"cli", "commands", "render", "api", "store", "sandbox", "system", "web", "model"},
}
LIBRARIES = {
    "model": set(),
    "commands": set(),
    "render": {"jinja2", "markupsafe"},
    "api": {"httpx", "httpcore"},
    "store": {"sqlalchemy", "sqlmodel", "pydantic", "alembic", "psycopg"},
    "sandbox": set(),
    "system": set(),
    "web": {"waitress", "flask", "werkzeug", "jinja2", "markupsafe"},
    "cli": {"typer", "phonenumbers"},
}
HEAVY = (
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "rich",
    "pydantic",
    "httpx",
    "httpcore",
    "h11",
    "phonenumbers",
    "flask",
    "werkzeug",
    "jinja2",
    "markupsafe",
    "waitress",
)


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """Every import in the file, those for the type checker too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def may_import(layer: str, name: str) -> bool:
    first, _, rest = name.partition(".")
    if first == "changelog":
        return not rest or rest.split(".")[0] in MAY_IMPORT[layer]
    return first in sys.stdlib_module_names or first in LIBRARIES[layer]


def test_a_module_imports_only_what_its_layer_may() -> None:
    wrong = [
        f"{path} imports {name}"
        for path in modules()
        for name in imports(path)
        if not may_import(path.relative_to(PACKAGE).parts[0], name)
    ]
    assert wrong == []


def test_a_module_opens_with_what_it_is_responsible_for() -> None:
    for path in modules():
        if path.name == "__init__.py":
            assert path.read_text() == "", "pure code must never be behind an import of an adapter"
        else:
            assert ast.get_docstring(parsed(path)), f"{path} has no docstring"


def test_the_migrations_folder_does_not_shadow_the_library() -> None:
    assert not list((ROOT / "alembic").rglob("__init__.py"))


def test_version_files_import_alembic_and_sqlalchemy_only() -> None:
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        own = {one for one in imports(path) if one.split(".")[0] not in sys.stdlib_module_names}
        assert own == {"alembic", "sqlalchemy"}


def test_one_module_reads_the_entries_of_a_journal() -> None:
    """No other walk over them: ``check``, ``export``, ``import``, ``prune`` ask ``replay.py``."""
    readers = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module == "changelog.store.journal.entry"
        for name in node.names
        if name.name in ("inflate", "rows_in")
    }
    assert readers == {"store/journal/replay.py"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["restore", "did_1", "--offline"],
        ["restore", "did_1", "--offline", "--json"],
        ["log", "did_1"],
        ["show", "did_1"],
        ["list"],
        ["status"],
        ["status", "--format", "chat"],
        ["config"],
        ["diff", "did_1"],
        ["list", "--format", "csv"],
        ["diff", "did_1", "--format", "markdown"],
        ["web", "--help"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_a_command_that_only_reads_imports_no_heavy_library(
    arguments: list[str], sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    if "--help" not in arguments:
        arguments = [*arguments, "--db", str(sqlite_logbook.location)]
    code = (
        "import sys\nfrom changelog.cli.main import main\n"
        f"code = main({arguments!r})\n"
        f"print('HEAVY', code, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = Program(tmp_path / "home").run_python(code)
    assert ran.stdout.splitlines()[-1] == "HEAVY 0 []", ran


MEDIA = {"render/style.py", "render/tables.py", "web/application.py", "web/pages/request_guard.py"}
"""Where a value is escaped: once a medium (text and what is made of it, CSV, the server's log)."""


def test_only_a_medium_escapes_what_it_shows() -> None:
    for path in modules():
        name = str(path.relative_to(PACKAGE))
        if name in MEDIA or name.startswith("model/text/"):
            continue
        calls = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Name))
        assert "escape" not in {call.id for call in calls}, f"{name} escapes: put it into a line()"


_SPELLED = re.compile(rf"\bchangelog (?:{'|'.join(COMMANDS)})\b")
_NO_LOG_NAMED = (
    "cli/trial/demo.py",
    "cli/trial/sandbox.py",
    "cli/main.py",
    "render/alerts/posts.py",
)
"""What is told there names its log itself, or needs none, or is no command to paste."""


def told(path: Path) -> Iterator[str]:
    """Yield each text of a module but docstrings and the examples of the help."""
    examples = {
        id(part)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "command"
        for part in node.args
    }
    docs = {id(node.value) for node in ast.walk(parsed(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(parsed(path)):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in examples | docs:
            yield node.value  # type: ignore[attr-defined]


def test_one_function_spells_the_commands_that_are_told() -> None:
    """`command_line` names the log that the user named: another spelling would meet another."""
    spelled = {
        f"{path.relative_to(PACKAGE)}: {text}"
        for path in modules()
        if str(path.relative_to(PACKAGE)) not in _NO_LOG_NAMED
        for text in told(path)
        if _SPELLED.search(text)
    }
    assert spelled == set()


MOST_LINES = 350


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {path.name: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


MOST_LINES_OF_A_FUNCTION = 50
"""Of code: without its docstring, comments and blank lines."""


def code_lines(source: list[str], function: ast.FunctionDef) -> int:
    first = function.body[0]
    said = ast.get_docstring(function) is not None
    docstring = range(first.lineno, (first.end_lineno or 0) + 1) if said else ()
    lines = range(function.lineno, (function.end_lineno or 0) + 1)
    texts = [source[number - 1].strip() for number in lines if number not in docstring]
    return sum(bool(text) and not text.startswith("#") for text in texts)


def test_no_function_is_too_long_to_be_read_at_once() -> None:
    long = {
        f"{path.name}: {node.name}": lines
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        if (lines := code_lines(path.read_text().splitlines(), node)) > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


MOST_MODULES = {"restore": 29, "record": 40}
"""How many modules a command may enter: a reader of its code has to open so many files."""
_COUNT = """
import sys, threading
from changelog.cli.main import main

line = sys.argv[1:]
# Once before, so that no import counts.
main(line)
entered = set()

def note(frame, event, _):
    code = frame.f_code
    if event == "call" and code.co_name != "<module>":
        entered.add(code.co_filename.partition("/changelog/")[2])

threading.setprofile(note)
sys.setprofile(note)
main(line)
sys.setprofile(None)
print("ENTERED", *sorted(entered - {""}))
"""


def entered(program: Program, *line: str) -> list[str]:
    return program.run_python(_COUNT, *line).ended(0).stdout.splitlines()[-1].split()[1:]


def test_a_restore_from_the_log_enters_few_modules(sqlite_logbook: Logbook, tmp_path: Path) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    modules = entered(program, "restore", "did_1", "--offline")
    assert 10 < len(modules) <= MOST_MODULES["restore"], modules


def test_a_record_of_one_did_enters_few_modules(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        program = Program(tmp_path / "home", api=sandbox, key=sandbox.key)
        modules = entered(program, "record", "did_101")
    assert 10 < len(modules) <= MOST_MODULES["record"], modules
