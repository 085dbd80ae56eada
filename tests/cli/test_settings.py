"""Settings: flag over environment over file over default, and no key is ever shown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import phonenumbers
import pytest

from changelog.api.keys import check_key
from changelog.cli.context import open_api
from changelog.cli.known_settings import SETTINGS, check_setting
from changelog.cli.settings import Origin, Settings, load_settings
from changelog.model.errors import UsageError
from changelog.sandbox.server import Sandbox
from tests.program import Json, Program, Ran

SUPPORT, SALES = "no-shape-of-a-key-17", "no-shape-of-a-key-23"
NAMED = """
[keys.support]
env = "KEY_OF_SUPPORT"
[keys.sales]
file = "sales.key"
"""
SUPPORT_MARK, SALES_MARK = check_key(SUPPORT).fingerprint, check_key(SALES).fingerprint


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Without a key, a database or an operator of the environment's."""
    bare = {"CHANGELOG_OPERATOR": "", "MINIVOICE_API_URL": "", "LOGNAME": "olga"}
    return Program(tmp_path / "olga", key="", **bare)


def settings_file(program: Program, content: str) -> Path:
    path = program.home / ".config" / "changelog" / "changelog.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


# What wins

Read = Callable[[Settings], Any]
ORDER: dict[str, tuple[Read, Any, str, Any]] = {
    "database": (lambda settings: str(settings.location), None, '"/file.db"', "/file.db"),
    "operator": (lambda settings: settings.named_operator, None, '"noc"', "noc"),
    "api_url": (
        lambda settings: settings.api_url,
        "https://api.minivoice.eu/v1",
        '"https://file.example/v1"',
        "https://file.example/v1",
    ),
    "concurrency": (lambda settings: settings.concurrency, 8, "3", 3),
    "rate": (lambda settings: settings.requests_a_second, None, '"90/min"', 1.5),
    "answer_limit": (lambda settings: settings.answer_limit_s, 45.0, '"1m30s"', 90.0),
    "volatile": (lambda settings: settings.volatile, frozenset(), '["calls"]', {"calls"}),
    "destination_fields": (
        lambda settings: settings.destination_fields,
        (),
        '["sip_uri"]',
        ("sip_uri",),
    ),
    "region": (lambda settings: settings.region, None, '"US"', "US"),
    "mirror": (lambda settings: settings.mirror and str(settings.mirror), None, '"/m.db"', "/m.db"),
    "contact": (lambda settings: settings.contact, None, '"NOC"', "NOC"),
    "timezone": (lambda settings: settings.timezone, None, '"Europe/Berlin"', "Europe/Berlin"),
    "public_url": (
        lambda settings: settings.public_url,
        None,
        '"https://noc.example/log/"',
        "https://noc.example/log/",
    ),
}
"""Setting: how it is read, its default, and as it is written in the file and read from there."""


@pytest.mark.parametrize("name", ORDER)
def test_flag_beats_environment_beats_file_beats_default(
    name: str, no_real_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, default, written, in_file = ORDER[name]
    file = no_real_home / "changelog" / "changelog.toml"
    file.parent.mkdir(parents=True)

    def found(database: str | None = None) -> tuple[Any, Origin]:
        settings = load_settings(database)
        return read(settings), settings.origins[name]

    if name != "database":
        assert found() == (default, ("default", None))
    file.write_text(f"{name} = {written}\n")
    assert found() == (in_file, ("file", str(file)))
    if variable := SETTINGS[name].variable:
        monkeypatch.setenv(variable, "/variable")
        assert found() == ("/variable", ("environment", variable))
    if name == "database":
        assert found("/flag.db") == ("/flag.db", ("flag", "--db"))


def test_every_setting_has_its_case_above() -> None:
    assert set(load_settings(None).origins) == set(ORDER)


def test_the_settings_file_itself_is_named_by_flag_then_environment(
    no_real_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = no_real_home / "changelog"
    folder.mkdir(parents=True)
    for name in ("flag", "variable", "changelog"):
        (folder / f"{name}.toml").write_text(f'operator = "{name}"')
    assert load_settings(None).operator == "changelog"
    monkeypatch.setenv("CHANGELOG_CONFIG", str(folder / "variable.toml"))
    assert load_settings(None).operator == "variable"
    assert load_settings(None, str(folder / "flag.toml")).operator == "flag"


def test_record_keeps_to_the_rate_of_the_file_unless_the_flag_says_otherwise(
    program: Program,
) -> None:
    settings_file(program, 'rate = "0.00001"')
    with Sandbox() as sandbox:
        here = {"MINIVOICE_API_URL": sandbox.url, "MINIVOICE_API_KEY": sandbox.key}
        assert "rate" in program.run("record", "did_101", environment=here).ended(2).stderr
        program.run("record", "did_101", "--rate", "10/s", environment=here).ended(0)


def test_every_client_has_the_concurrency_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "changelog.toml").write_text("concurrency = 3")
    monkeypatch.setenv("MINIVOICE_API_KEY", SUPPORT)
    settings = load_settings(None, str(tmp_path / "changelog.toml"))
    assert open_api(settings)._concurrency == 3


# What is wrong with a file

WRONG = {
    "database = 1": "database must be a text",
    "operator = ['a']": "operator must be a text",
    "api_url = true": "api_url must be a text",
    "concurrency = 0": "concurrency must be a number from 1 to 256",
    "concurrency = 257": "concurrency must be a number from 1 to 256",
    "concurrency = true": "concurrency must be a number",
    "concurrency = '8'": "concurrency must be a number",
    "concurrency = 1.5": "concurrency must be a number",
    "rate = 0": "rate must be a rate",
    "timezone = 'Europe/Atlantis'": "timezone must be a time zone",
    "timezone = '../zoneinfo/UTC'": "timezone must be a time zone",
    "public_url = 'noc.example'": "public_url must be an address",
    "public_url = 'https://olga@noc.example/'": "public_url must be an address",
    "public_url = 'https://noc.example/a b'": "public_url must be an address",
    "rate = nan": "rate must be a rate",
    "rate = 'fast'": "rate must be a rate",
    "rate = true": "rate must be a rate",
    "answer_limit = 45": "answer_limit must be a duration",
    "answer_limit = '0s'": "answer_limit must be a duration",
    "answer_limit = 'soon'": "answer_limit must be a duration",
    "volatile = 'calls'": "volatile must be a list of texts",
    "destination_fields = [1]": "destination_fields must be a list of texts",
    "region = 'USA'": "region must be a country",
    "region = 'XX'": "region must be a country",
    "region = 'us'": "region must be a country",
    "region = 1": "region must be a country",
    **{
        f"volatile = ['calls', '{name}']": "volatile must be a list of texts without application_id"
        for name in ("application_id", "route_mode", "destination", "id", "number", "number_e164")
    },
    "volatile = ['']": "volatile must be a list of texts",
    **{
        f"destination_fields = ['{name}']": "they hold no destination"
        for name in ("application_id", "route_mode", "id", "number", "number_e164", "status")
    },
    "destination_fields = ['updated_at', 'created_at']": "they hold no destination",
    "mirror = 'postgresql://x/y'": "mirror must be a path",
    "mirror = 'postgresql:/x/y'": "mirror must be a path",
    "mirror = 'olga:secret@x/y'": "mirror must be a path",
    "mirror = 1": "mirror must be a path",
    "database = 'sqlite:////log.db'\nmirror = '/log.db'": "mirror names the database itself",
    "operator = ' '": "operator must be a text",
    "contact = '\t'": "contact must be a text",
    "keys = 1": "keys must be a table",
    "[keys.x]": "keys.x must have exactly one of env and file",
    "[keys.x]\nenv = 'A'\nfile = 'b'": "keys.x must have exactly one of env and file",
    "[keys.x]\nenv = 1": "keys.x must name a variable or a file",
    "[keys.x]\nfile = ''": "keys.x must name a variable or a file",
    "[keys.x]\nenv = '$KEY'": "keys.x must hold the name of a variable",
    "[keys.x]\nenv = 'MY KEY'": "keys.x must hold the name of a variable",
    "[keys.'a b']\nenv = 'A'": "keys.a b cannot be the name of a key",
    "[keys.key-0123abcd]\nenv = 'A'": "keys.key-0123abcd cannot be the name of a key",
    "a = ": "cannot be understood",
}


@pytest.mark.parametrize("content", WRONG)
def test_a_value_that_cannot_be_meant_is_a_usage_error(content: str, tmp_path: Path) -> None:
    (tmp_path / "changelog.toml").write_text(content)
    with pytest.raises(UsageError) as caught:
        load_settings(None, str(tmp_path / "changelog.toml"))
    assert caught.value.code == "bad_settings"
    assert WRONG[content] in caught.value.message
    assert caught.value.hint


KEY_WITHIN = [
    "[keys.x]\nkey = 'VALUE'",
    "[keys.x]\napi_key = 'VALUE'",
    "[keys.x]\nAPI_KEY = 'VALUE'",
    "[keys.x]\nvalue = 'VALUE'",
    "[keys.x]\nenv = 'A'\nsecret = 'VALUE'",
    "[keys]\nx = 'VALUE'",
    "api_key = 'VALUE'",
    "key = 'VALUE'",
    "[keys.x]\nenv = 'mv_live_VALUE'",
    "[keys.x]\nfile = 'mv_live_VALUE'",
    "[keys.mv_live_VALUE]\nenv = 'A'",
    "operator = 'mv_live_VALUE'",
    "volatile = ['a', 'mv_live_VALUE']",
    "mv_live_VALUE = 1",
    "[notify.x]\nkind = 'url'\nenv = 'A'\ntoken = 'VALUE'",
    "[other.table]\nsecret = 'VALUE'",
    "[[other]]\nsecret = ['VALUE']",
]


@pytest.mark.parametrize("content", KEY_WITHIN)
def test_a_key_in_the_file_itself_is_refused_and_not_repeated(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "changelog.toml").write_text(content.replace("VALUE", "0123456789abc"))
    with pytest.raises(UsageError) as caught:
        load_settings(None, str(tmp_path / "changelog.toml"))
    error = caught.value
    assert (error.code, "holds a key itself" in error.message) == ("bad_settings", True)
    assert "0123456789abc" not in error.message + error.hint + "".join(capsys.readouterr())


WEBHOOK = "https://hooks.slack.com/services/T0/B0/hunter2hunter2hunter2"
SECRET_WITHIN = [
    *(
        f"[{table}]\nkind = 'slack'\n{source} = {json.dumps(secret)}"
        for table in ("notify.ops", "keys.ops")
        for source in ("file", "env")
        for secret in (
            WEBHOOK,
            WEBHOOK.removeprefix("https://"),
            "https://alerts.example/hunter2",
            "olga:hunter2@alerts.example/x",
            "0123456789abcdefhunter2hunter2ab",
            "01234567-0123-4567-89ab-0123456789ab",
            "BEGIN\nhunter2",
        )
    ),
    f"[notify.ops]\nkind = '{WEBHOOK}'\nfile = 'a'",
    f"[notify.ops]\nkind = 'slack'\nurl = '{WEBHOOK}'",
    f"[notify]\nops = '{WEBHOOK}'",
    f"slack = '{WEBHOOK}'",
    f"contact = '{WEBHOOK}'",
    f"operator = '{WEBHOOK}'",
    "contact = 'https://olga:hunter2@wiki.example/'",
    "contact = 'https://wiki.example/?token=hunter2'",
    "password = 'hunter2'",
    "webhook_secret = 'hunter2'",
    "[web]\npassword = 'hunter2'",
    "[web]\nbasic_auth = 'olga:hunter2'",
    "[web.user]\nauth_token = ['hunter2']",
    "[keys.'hunter2hunter2hunter2hunter2==']\nenv = 'A'",
    "[notify.'https://alerts.example/hunter2']\nkind = 'url'\nenv = 'A'",
    "mirror = 'postgresql://olga:hunter2@db.example/log'",
    "public_url = 'https://olga:hunter2@noc.example/'",
    "database = 'https://olga:hunter2@db.example/log'",
    "database = 'host=db.example password=hunter2'",
    "region = 'hunter2'",
]


@pytest.mark.parametrize("content", SECRET_WITHIN)
def test_a_secret_in_the_wrong_place_is_refused_and_not_repeated(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "changelog.toml").write_text(content)
    with pytest.raises(UsageError) as caught:
        load_settings(None, str(tmp_path / "changelog.toml"))
    error = caught.value
    assert error.code in ("bad_settings", "bad_database")
    said = error.message + error.hint + "".join(capsys.readouterr())
    assert error.hint
    assert "hunter2" not in said
    assert "0123456789ab" not in said


def test_an_unknown_setting_that_looks_like_a_secret_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "changelog.toml"
    file.write_text(f'"{WEBHOOK}" = 1\ncolour = 1\n[keys.x]\nenv = "A"\nhunter2hunter2hunter = 1\n')
    assert load_settings(None, str(file)).file.unknown == (
        "[redacted]",
        "colour",
        "keys.x.[redacted]",
    )
    assert "hunter2" not in "".join(capsys.readouterr())


def test_a_strange_name_is_taken_where_there_is_such_a_variable_or_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "MINIVOICEKEY2026FORSALES"
    content = f'[keys.a]\nenv = "{name}"\n[keys.b]\nfile = "{name}"\n'
    (tmp_path / "changelog.toml").write_text(content)
    (tmp_path / name).write_text(SALES)
    with pytest.raises(UsageError, match=r"keys\.a must hold the name of a variable"):
        load_settings(None, str(tmp_path / "changelog.toml"))
    monkeypatch.setenv(name, SUPPORT)
    settings = load_settings(None, str(tmp_path / "changelog.toml"))
    assert [found.key is not None for found in settings.found_keys] == [True, True]


def test_a_secret_where_the_environment_names_a_file_is_not_repeated(program: Program) -> None:
    environment = {
        "MINIVOICE_API_KEY_FILE": "0123456789abcdefhunter2",
        "MINIVOICE_WEBHOOK_SECRET_FILE": "https://olga:hunter2@vault.example/",
    }
    for line in (("config",), ("config", "--json"), ("record", "did_1"), ("listen",)):
        ran = program.run(*line, environment=environment)
        assert "cannot be read" in ran.stdout + ran.stderr
        assert "hunter2" not in ran.stdout + ran.stderr


def test_the_regions_are_those_of_the_library_that_reads_numbers() -> None:
    for region in phonenumbers.SUPPORTED_REGIONS:
        check_setting("region", region)


def test_the_place_of_a_key_in_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "changelog.toml"
    for content, place in (
        ("[notify.x]\nkind = 'url'\nenv = 'A'\ntoken = 'x'", ", in notify.x.token"),
        ("volatile = ['mv_live_0123456789abc']", ", in volatile"),
        ("mv_live_0123456789abc = 'mv_live_0123456789abc'", ""),
    ):
        file.write_text(content)
        with pytest.raises(UsageError) as caught:
            load_settings(None, str(file))
        assert caught.value.message == f"the settings file holds a key itself{place}"


def test_a_file_of_too_many_levels_is_not_understood(tmp_path: Path) -> None:
    file = tmp_path / "changelog.toml"
    file.write_text("a." * 2_000 + "b = 1")
    with pytest.raises(UsageError, match="cannot be understood"):
        load_settings(None, str(file))


def test_the_mirror_is_named_as_every_database_is(tmp_path: Path) -> None:
    file = tmp_path / "changelog.toml"
    for written, path in (
        ("~/mirror.db", Path.home() / "mirror.db"),
        ("sqlite:////var/mirror.db", Path("/var/mirror.db")),
        ("mirror.db", tmp_path / "mirror.db"),
    ):
        file.write_text(f'mirror = "{written}"')
        mirror = load_settings(None, str(file)).mirror
        assert mirror is not None
        assert mirror.path == path


def test_a_file_that_was_named_must_be_there(program: Program) -> None:
    for ran in (
        program.run("log", "--config", "nowhere.toml", "--json"),
        program.run("log", "--json", environment={"CHANGELOG_CONFIG": "nowhere.toml"}),
    ):
        assert ran.ended(2).error["code"] == "bad_settings"


def test_a_file_that_nobody_named_and_that_cannot_be_read_stops_nothing(program: Program) -> None:
    settings_file(program, "").unlink()
    (program.home / ".config" / "changelog" / "changelog.toml").mkdir()
    ran = program.run("list").ended(5)
    assert ran.stderr.startswith("changelog: warning: the settings file ")


# Warnings


def test_unknown_settings_are_told_once_and_stop_nothing(program: Program) -> None:
    file = settings_file(program, f'colour = "red"\n[keyz.x]\n{NAMED}note = "x"\n')
    (file.parent / "sales.key").write_text(SALES)
    warning = f"unknown settings in {file}: colour, keyz, keys.sales.note"
    with Sandbox(key=SALES) as sandbox:
        here = {"MINIVOICE_API_URL": sandbox.url, "KEY_OF_SUPPORT": SUPPORT}
        ran = program.run("record", "did_101", environment=here).ended(0)
        assert ran.stderr == f"changelog: warning: {warning}\n"
        ran = program.run("record", "did_101", "--json", environment=here).ended(0)
        assert ran.stderr == f"changelog: warning: {warning}\n"
        assert ran.json["counts"]["unchanged"] == 1
    unfit = {**here, "MINIVOICE_API_URL": "x"}
    ran = program.run("record", "did_101", "--json", environment=unfit).ended(2)
    # One document: a script that parses stderr must not stumble over a typing error.
    assert json.loads(ran.stderr)["warnings"] == [warning]


def test_a_named_key_that_cannot_be_read_is_skipped_with_a_warning(program: Program) -> None:
    file = settings_file(program, NAMED)
    with Sandbox(key=SUPPORT) as sandbox:
        here = {"MINIVOICE_API_URL": sandbox.url, "KEY_OF_SUPPORT": SUPPORT}
        ran = program.run("record", "did_101", environment=here).ended(0)
        assert ran.stderr == (
            f"changelog: warning: the key sales is skipped: the key file {file.parent}/sales.key"
            " cannot be read: No such file or directory\n"
        )
        (file.parent / "sales.key").write_text("two words")
        ran = program.run("restore", "did_101", environment=here)
        assert "the key sales is skipped: the API key has characters" in ran.stderr
        assert "two words" not in ran.stdout + ran.stderr


def test_where_no_key_can_be_used_the_error_says_why_of_each(program: Program) -> None:
    file = settings_file(program, NAMED)
    error = program.run("record", "did_101", "--json").ended(2).error
    assert error == {
        "code": "no_key",
        "message": "no API key can be used: support: the variable KEY_OF_SUPPORT is not set;"
        f" sales: the key file {file.parent}/sales.key cannot be read: No such file or directory",
        "hint": "To see where each is named: changelog config",
    }
    settings_file(program, "")
    error = program.run("record", "did_101", "--json").ended(2).error
    assert (error["code"], error["message"]) == ("no_key", "no API key is set")


# Which keys there are


def test_the_key_of_the_environment_is_tried_before_those_of_the_file(program: Program) -> None:
    file = settings_file(program, NAMED)
    (file.parent / "sales.key").write_text(f" {SALES}\r\n")
    (program.home / "own.key").write_text("an-own-key")
    environment = {"MINIVOICE_API_KEY_FILE": "own.key", "KEY_OF_SUPPORT": SUPPORT}
    document = program.run("config", "--json", environment=environment).ended(0).json
    assert [(key["name"], key["usable"]) for key in document["keys"]] == [
        (check_key("an-own-key").fingerprint, True),
        ("support", True),
        ("sales", True),
    ]


def test_restore_looks_where_the_only_key_is_one_of_the_file(program: Program) -> None:
    file = settings_file(program, NAMED)
    (file.parent / "sales.key").write_text(SALES)
    with Sandbox(key=SALES) as sandbox:
        here = {"MINIVOICE_API_URL": sandbox.url}
        program.run("record", "did_101", environment=here).ended(0)
        sandbox.move("did_101", application_id="app_sales")
        ran = program.run("restore", "did_101", "--json", environment=here).ended(0)
    (card,) = ran.json["dids"]
    assert card["live"]["looked"] is True
    assert card["current"]["application_id"] == "app_sales"


# What `config` shows


def configured(program: Program) -> dict[str, str]:
    """A settings file with two keys, one of them the environment's; the environment for it."""
    content = f'operator = "noc"\nrate = "10/s"\nvolatile = ["b", "a"]\ncolour = 1\n{NAMED}'
    content += '[keys.night]\nenv = "KEY_OF_NIGHT"\n'
    key_file = settings_file(program, content).parent / "sales.key"
    key_file.write_text(SALES)
    key_file.chmod(0o600)
    return {
        "CHANGELOG_DATABASE_URL": "postgresql://olga:pass-word@db.example/log?sslpassword=p-w",
        "MINIVOICE_API_URL": "https://user-name:pass-word@api.example/v1",
        "MINIVOICE_API_KEY": SALES,
        "KEY_OF_SUPPORT": SUPPORT,
    }


def test_config_shows_what_holds_and_where_it_came_from(program: Program) -> None:
    ran = program.run("config", "--db", "a.db", environment=configured(program)).ended(0)
    file = program.home / ".config" / "changelog" / "changelog.toml"
    sales = f"file {file.parent}/sales.key"
    wide = len(sales)
    reason = "cannot be used: the API URL must not carry a user name or password"
    assert (
        ran.stdout
        == f"""\
settings file {file}

setting             {"value":<{len(reason)}}  from
database            {"a.db":<{len(reason)}}  --db
operator            {"noc":<{len(reason)}}  {file}
api_url             {reason}  MINIVOICE_API_URL
concurrency         {"8":<{len(reason)}}  default
rate                {"10/s":<{len(reason)}}  {file}
answer_limit        {"45s":<{len(reason)}}  default
volatile            {"a, b":<{len(reason)}}  {file}
destination_fields  {"-":<{len(reason)}}  default
region              {"-":<{len(reason)}}  default
mirror              {"-":<{len(reason)}}  default
contact             {"-":<{len(reason)}}  default
timezone            {"-":<{len(reason)}}  default
public_url          {"-":<{len(reason)}}  default

key      {"from":<{wide}}  fingerprint
sales    {"env MINIVOICE_API_KEY":<{wide}}  {SALES_MARK}  usable
support  {"env KEY_OF_SUPPORT":<{wide}}  {SUPPORT_MARK}  usable
sales    {sales}  {SALES_MARK}  the same key as in MINIVOICE_API_KEY
night    {"env KEY_OF_NIGHT":<{wide}}  -             skipped: the variable KEY_OF_NIGHT is not set

unknown settings: colour
"""
    )


def test_config_as_json_has_the_same(program: Program) -> None:
    ran = program.run("config", "--json", environment=configured(program)).ended(0)
    file = str(program.home / ".config" / "changelog" / "changelog.toml")
    key_file = file.replace("changelog.toml", "sales.key")
    no_value = "the API URL must not carry a user name or password"
    assert ran.json == {
        "schema": "changelog/config/1",
        "exit_code": 0,
        "conditions": [],
        "file": {"path": file, "exists": True, "source": "default", "from": None},
        "settings": [
            setting(
                "database",
                "postgresql://olga@db.example/log",
                "environment",
                "CHANGELOG_DATABASE_URL",
            ),
            setting("operator", "noc", "file", file),
            setting("api_url", None, "environment", "MINIVOICE_API_URL", no_value),
            setting("concurrency", 8),
            setting("rate", "10/s", "file", file),
            setting("answer_limit", "45s"),
            setting("volatile", ["a", "b"], "file", file),
            setting("destination_fields", []),
            setting("region", None),
            setting("mirror", None),
            setting("contact", None),
            setting("timezone", None),
            setting("public_url", None),
        ],
        "keys": [
            key("sales", "environment", "MINIVOICE_API_KEY", SALES_MARK),
            key("support", "environment", "KEY_OF_SUPPORT", SUPPORT_MARK),
            key("sales", "file", key_file, SALES_MARK, same_as="MINIVOICE_API_KEY"),
            key(
                "night",
                "environment",
                "KEY_OF_NIGHT",
                usable=False,
                problem="the variable KEY_OF_NIGHT is not set",
            ),
        ],
        "webhook": None,
        "unknown": ["colour"],
    }


def setting(
    name: str, value: Any, source: str = "default", place: str | None = None, why: str | None = None
) -> Json:
    return {"name": name, "value": value, "source": source, "from": place, "problem": why}


def key(
    name: str, source: str, place: str, mark: str | None = None, *, usable: bool = True, **more: str
) -> Json:
    return {
        "name": name,
        "source": source,
        "from": place,
        "usable": usable,
        "fingerprint": mark,
        "same_as": None,
        "problem": None,
        "readable_by_all": False,
        "line_end_removed": False,
        **more,
    }


def test_config_without_a_file_and_without_a_key_says_so(program: Program) -> None:
    ran = program.run("config").ended(0)
    assert ran.stdout.startswith(f"settings file {program.home}/.config/changelog/changelog.toml:")
    assert ran.stdout.endswith("\n\nno API key is set\n")
    there = program.run("config", "--json", environment={"CHANGELOG_CONFIG": "/dev/null"}).json
    named = {"path": "/dev/null", "source": "environment", "from": "CHANGELOG_CONFIG"}
    assert there["file"] == {**named, "exists": True}


def test_config_of_a_file_that_cannot_be_meant_is_exit_2(program: Program) -> None:
    settings_file(program, "concurrency = 0")
    assert program.run("config", "--json").ended(2).error["code"] == "bad_settings"


SECRETS = (SUPPORT, SALES, "pass-word", "p-w", "user-name")


def test_no_secret_is_in_anything_that_a_command_says(program: Program) -> None:
    environment = configured(program)
    in_the_wrong_place = {
        "CHANGELOG_OPERATOR": f"olga {SUPPORT}",
        "MINIVOICE_API_URL": f"https://api.example/{SALES}/v1",
        "CHANGELOG_DATABASE_URL": f"{program.home}/{SUPPORT}.db",
    }
    runs: list[Ran] = [
        program.run("config", environment=environment),
        program.run("config", "--json", environment=environment),
        program.run("config", environment={**environment, **in_the_wrong_place}),
        program.run("config", "--json", environment={**environment, **in_the_wrong_place}),
        program.run("record", "did_1", "--db", "a.db", environment=environment),
        program.run("record", "did_1", "--db", "a.db", "--json", environment=environment),
    ]
    for ran in runs:
        assert [one for one in SECRETS if one in ran.stdout + ran.stderr] == [], ran
