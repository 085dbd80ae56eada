"""The pages are plain, and what they show is what the program takes and gives."""

import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import text

from changelog.cli.known_settings import SETTINGS
from changelog.store.engine import make_engine
from changelog.store.location import Location
from changelog.store.schema.views import view_texts
from tests.logbook import Logbook
from tests.make_images import IMAGES, digest, images, web_page
from tests.make_json_page import PAGE, page
from tests.program import Program
from tests.prose import long_share, mean, sentences

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FOLDERS = (ROOT, DOCS, ROOT / "contrib", ROOT / ".github")
PAGES = sorted(page for folder in FOLDERS for page in folder.glob("*.md"))
PROSE = [path for path in PAGES if path.name not in ("CHANGELOG.md", "json-examples.md")]
FENCED = re.compile(r"(?ms)^```.*?^```$")


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_a_page_is_written_in_short_sentences(path: Path) -> None:
    counted = sentences(path.read_text())
    too_long = [sentence.text for sentence in counted if sentence.words > 40]
    assert too_long == []
    assert mean(counted) <= 12
    assert long_share(counted) <= 0.04


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_line_of_prose_is_wider_than_100_columns(path: Path) -> None:
    lines = FENCED.sub("", path.read_text()).splitlines()
    assert [line for line in lines if len(line) > 100 and not line.startswith("|")] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_sentence_has_who_for_its_subject(path: Path) -> None:
    assert [
        sentence.text
        for sentence in sentences(path.read_text())
        if re.search(r"\b[Ww]hoever\b|^Who\b", sentence.text)
    ] == []


def test_the_counter_of_words_knows_where_a_sentence_ends() -> None:
    counted = sentences(
        "# Not counted\n\nRun `a.b c` now. It\nhas five words, really.\n\n"
        "- An item, e.g. this\n\n| cell |\n|---|\n| of a table |\n\n```sh\nnot counted\n```\n"
    )
    assert [(sentence.words, sentence.running) for sentence in counted] == [
        (4, True),
        (5, True),
        (5, True),
        (1, False),
        (3, False),
    ]


def test_the_example_of_each_document_is_the_programs_own() -> None:
    assert PAGE.read_text() == page(), "run: .venv/bin/python -m tests.make_json_page"


def test_the_pictures_show_what_the_program_says() -> None:
    kept = {path.name: path.read_text() for path in IMAGES.iterdir() if path.suffix != ".png"}
    shown = {**images(), "web.png.sha256": digest(web_page())}
    assert kept == shown, "run: .venv/bin/python -m tests.make_images"


def test_every_command_with_json_has_an_example() -> None:
    shown = set(re.findall(r"(?m)^## (.+)$", PAGE.read_text()))
    documented = re.findall(
        r"(?ms)^## (\w+)$\n\n```text\n(.*?)^```", (DOCS / "commands.md").read_text()
    )
    assert shown == {command for command, helped in documented if "--json" in helped}


def test_the_example_settings_name_every_setting_and_are_taken(tmp_path: Path) -> None:
    page = (DOCS / "settings.md").read_text()
    (example,) = re.findall(r"<!-- file: changelog.toml -->\n```toml\n(.*?)```", page, re.DOTALL)
    assert tomllib.loads(example).keys() == {*SETTINGS, "keys", "notify"}
    (tmp_path / "changelog.toml").write_text(example)
    program = Program(
        tmp_path, MINIVOICE_API_URL="", CHANGELOG_DATABASE_URL="", CHANGELOG_OPERATOR=""
    )
    config = program.json("config", "--config", "changelog.toml")
    assert config["unknown"] == []
    assert {setting["source"] for setting in config["settings"]} == {"file"}
    assert {key["name"] for key in config["keys"]} >= {"support", "sales"}


def test_everything_that_the_page_of_design_names_is_there() -> None:
    design = FENCED.sub("", (DOCS / "design.md").read_text())
    files = [path.relative_to(ROOT) for path in ROOT.glob("[act]*/**/*") if path.suffix == ".py"]
    places = [f"/{path}" for path in (*files, *{path.parent for path in files})]
    named = re.findall(r"`((?:\w+/)*\w+(?:\.py|/))`", design)
    assert len(named) > 40
    gone = [name for name in named if not any(p.endswith(f"/{name.rstrip('/')}") for p in places)]
    sources = "".join((ROOT / path).read_text() for path in files)
    words = re.findall(r"`([A-Z]\w*[a-z]\w*|[A-Z]+_\w+)(?:\(\))?`", design)
    gone += [word for word in words if not re.search(rf"\b{word}\b", sources)]
    assert gone == []


SQL = re.findall(r"(?s)```sql\n(.*?)```", (DOCS / "sql.md").read_text())


def test_a_query_to_copy_gives_an_answer_on_both_databases(
    logbook: Logbook, location: Location
) -> None:
    for application in ("app_support", "app_maintenance"):
        logbook.see(application)
    assert len(SQL) == 7
    engine = make_engine(location)
    with engine.connect() as connection:
        answers = [connection.execute(text(query)).all() for query in SQL]
    engine.dispose()
    assert all(answers)
    assert answers[0][0][2] == "app_support"


def test_the_views_that_the_page_of_sql_names_are_there() -> None:
    named = set(
        re.findall(r"`(\w+_(?:log|routing|history|target))`", (DOCS / "sql.md").read_text())
    )
    assert named <= view_texts("sqlite").keys()


def test_the_page_of_sql_names_every_column_of_the_three_views(sqlite_logbook: Logbook) -> None:
    page = (DOCS / "sql.md").read_text()
    named = set(re.findall(r"`(\w+)`", page.partition("## Six queries")[0]))
    engine = make_engine(sqlite_logbook.location)
    with engine.connect() as connection:
        for view in ("current_routing", "routing_history", "restore_target"):
            columns = set(connection.execute(text(f"SELECT * FROM {view}")).keys())
            assert columns <= named, view
    engine.dispose()


CSV = re.findall(
    r"(?m)^\| `((?:list|diff|restore|log)(?: --snapshots)?)` \| (`.*`) \|$",
    (DOCS / "json.md").read_text(),
)


@pytest.mark.parametrize(("command", "columns"), CSV, ids=[command for command, _ in CSV])
def test_the_columns_of_csv_are_those_of_the_program(
    command: str, columns: str, sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    assert len(CSV) == 5
    for application in ("app_support", "app_maintenance"):
        sqlite_logbook.see(application)
    program = Program(tmp_path / "home", key="", database=sqlite_logbook.location)
    dids = () if command == "list" else ("did_1",)
    printed = program.run(*command.split(), *dids, "--format", "csv").ended(0).stdout
    assert printed.splitlines()[0].split(",") == re.findall(r"`(\w+)`", columns)
