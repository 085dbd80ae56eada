"""Alerts as their receivers document them: Slack, Teams, PagerDuty, and JSON that is signed."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from changelog.sandbox.account import seed_did
from tests.program import Json, Program
from tests.receiver import Receiver
from tests.sandbox_faults import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("no_backoff")

ROUTING_KEY = "0123456789abcdef0123456789ABCDEF"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SUPPORT = "https://voice.example.com/support/answer"
HOSTILE = "<!channel> & <https://evil.example|x> *b* [l](https://evil.example)"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox) -> Program:
    settings = tmp_path / "changelog.toml"
    settings.write_text('public_url = "https://noc.example/changelog/"\n')
    made = Program(
        tmp_path,
        api=sandbox,
        database=str(tmp_path / "log.db"),
        CHANGELOG_CONFIG=str(settings),
    )
    made.record("did_101", "did_102")
    return made


def spec(program: Program, kind: str, *lines: str) -> str:
    """``KIND:FILE`` for a file that holds the lines."""
    path = program.home / f"{kind}.secret"
    path.write_text("\n".join(lines) + "\n")
    return f"{kind}:{path}"


def watch(program: Program, *notify: str, exit_code: int = 4, after: int = 1) -> str:
    """Do one round. Returns what it said on stderr."""
    words = [word for each in notify for word in ("--notify", each)]
    ran = program.run("watch", "--all", "--once", "--after", str(after), *words).ended(exit_code)
    return ran.stderr


def test_a_file_that_everybody_can_read_is_warned_of_once(
    program: Program, receiver: Receiver
) -> None:
    to = spec(program, "slack", receiver.url)
    file = program.home / "slack.secret"
    file.chmod(0o600)
    assert "everybody" not in watch(program, to, exit_code=0)
    file.chmod(0o644)
    assert watch(program, to, exit_code=0).count(f"everybody on this machine can read {file}") == 1


# Slack: https://docs.slack.dev/reference/block-kit/blocks/section-block


def require_slack(message: Json) -> None:
    """Fail unless it is a message that an incoming webhook takes."""
    assert message["text"]
    for block in message["blocks"]:
        assert block["type"] == "section"
        assert block["text"]["type"] == "mrkdwn"
        assert 0 < len(block["text"]["text"]) <= 2800


def test_slack_gets_what_changed_the_command_and_the_link(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "slack", receiver.url)
    watch(program, to, exit_code=0)
    sandbox.move("did_101", application_id="app_sales")
    watch(program, to)
    (message,) = receiver.taken
    require_slack(message)
    told, link = (block["text"]["text"] for block in message["blocks"])
    assert "application_id app_support → app_sales" in told
    assert "`changelog restore did_101" in told
    assert link == "<https://noc.example/changelog/dids/did_101|Open the page>"
    assert message["text"].startswith("Routing changed: did_101  +15551230001  r2  application_id")


def test_slack_pings_nobody_and_links_nothing_that_the_api_said(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "slack", receiver.url)
    watch(program, to, exit_code=0)
    sandbox.move("did_101", application_id=HOSTILE, route_mode="&<" * 3000)
    watch(program, to)
    (message,) = receiver.taken
    require_slack(message)
    text = message["text"] + message["blocks"][0]["text"]["text"]
    assert "<" not in text
    assert ">" not in text
    assert "&lt;!channel&gt;" in text
    assert not [part for part in text.split("&")[1:] if not part.startswith(("lt;", "gt;", "amp;"))]


# Teams: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors


def require_card(message: Json) -> Json:
    """Fail unless it is an Adaptive Card in a message; returns the card."""
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: Json = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    for block in card["body"]:
        assert block["type"] == "RichTextBlock"
        assert {run["type"] for run in block["inlines"]} == {"TextRun"}
    for action in card.get("actions", []):
        assert action["type"] == "Action.OpenUrl"
        assert action["url"].startswith("https://")
    assert len(json.dumps(message, ensure_ascii=False).encode()) < 28_000
    return card


def test_teams_gets_a_card_in_which_nothing_is_markdown(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "teams", receiver.url)
    watch(program, to, exit_code=0)
    sandbox.move("did_101", application_id=HOSTILE, route_mode="\U0001f4de" * 9000)
    watch(program, to)
    (message,) = receiver.taken
    card = require_card(message)
    runs = [run["text"] for block in card["body"] for run in block["inlines"]]
    assert runs[0].startswith("Routing changed: did_101")
    assert runs[-1].startswith("Put back: changelog restore did_101")
    assert card["actions"][0]["url"] == "https://noc.example/changelog/dids/did_101"


# PagerDuty: https://developer.pagerduty.com/docs/events-api-v2-overview


def require_event(path: str, event: Json) -> str:
    """Fail unless it is an event that the Events API v2 takes. Returns what it does."""
    assert event["routing_key"] == ROUTING_KEY
    if path == "/v2/change/enqueue":
        assert {"routing_key", "payload", "links"} >= event.keys()
        assert 0 < len(event["payload"]["summary"]) <= 1024
        return "change"
    assert path == "/v2/enqueue"
    assert 0 < len(event["dedup_key"]) <= 255
    if event["event_action"] == "trigger":
        payload = event["payload"]
        assert 0 < len(payload["summary"]) <= 1024
        assert payload["source"]
        assert payload["severity"] in ("critical", "error", "warning", "info")
        assert all(link["href"].startswith("https://") for link in event["links"])
    return str(event["event_action"])


class Pager:
    """A receiver of PagerDuty's events, and which incidents they leave open."""

    def __init__(self, program: Program, receiver: Receiver) -> None:
        self._receiver = receiver
        self.to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
        self._read = 0
        self.open: set[str] = set()

    def heard(self) -> list[str]:
        """What came since the last time."""
        since = slice(self._read, None)
        posts = list(zip(self._receiver.paths[since], self._receiver.taken[since], strict=True))
        self._read += len(posts)
        did = [require_event(path, event) for path, event in posts]
        for action, (_, event) in zip(did, posts, strict=True):
            if action == "trigger":
                self.open.add(event["dedup_key"])
            elif action == "resolve":
                self.open.discard(event["dedup_key"])
        return did

    def now_open(self) -> set[str]:
        """The incidents that are open by now, each without the name of the log and the watch."""
        self.heard()
        return {key.split(":", 2)[2] for key in self.open}


@pytest.fixture
def pager(program: Program, receiver: Receiver) -> Pager:
    made = Pager(program, receiver)
    watch(program, made.to, exit_code=0)
    return made


def test_an_application_that_is_gone_is_told_once_with_the_dids_that_it_carries(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.add_did(seed_did("did_x", "app_sales", "+17770009999"))
    # Of an application that no list ever had, nobody knows whether this key would see it.
    sandbox.add_did(seed_did("did_y", "app_of_others", "+17770009998"))
    program.record("did_x", "did_y")
    line = ("watch", "--all", "--once")
    program.run(*line).ended(0)
    sandbox.remove_application("app_support")
    said = program.run(*line).ended(0).stdout
    gone = "application app_support is not among those that /applications lists"
    assert f"application gone  2 DIDs at once ({gone}): did_101, did_102\n" in said
    assert "    If they pointed elsewhere before: changelog restore did_101 did_102\n" in said
    sandbox.fail(Fault("status", status=403), applications=True)
    assert program.run(*line).ended(0).stdout == ""
    sandbox.clear_faults()
    # One of them is moved away, and the other one waits.
    sandbox.move("did_101", application_id="app_sales")
    moved = program.run(*line).ended(4).stdout
    assert "recovered   did_101  +15551230001  its application is listed" in moved
    assert "did_102" not in moved
    assert program.run(*line).ended(0).stdout == ""
    sandbox.set_application("app_support", answer_url=SUPPORT)
    assert "recovered   did_102" in program.run(*line).ended(0).stdout
    sandbox.move("did_101", application_id="app_support")
    program.run(*line).ended(4)
    sandbox.remove_application("app_support")
    program.run(*line).ended(0)
    sandbox.set_application("app_support", answer_url=SUPPORT)
    back = program.run(*line).ended(0).stdout
    assert "recovered   2 DIDs at once (its application is listed with an answer_url again" in back


def test_what_a_url_may_hide_is_sent_to_no_other_company(
    program: Program, sandbox: Sandbox, pager: Pager, receiver: Receiver
) -> None:
    url = "https://olga:hunter2@calls.example/in?token=hunter3"
    sandbox.set_application("app_sales", answer_url=url)
    sandbox.move("did_101", application_id="app_sales")
    watch(program, pager.to)
    assert pager.heard() == ["change"]
    assert "calls.example/in" in str(receiver.taken)
    assert "hunter" not in str(receiver.taken)


@pytest.mark.parametrize(
    ("begin", "exit_code", "end", "heard"),
    [
        (
            lambda sandbox: sandbox.move("did_101", route_mode="reject"),
            4,
            lambda sandbox: sandbox.move("did_101", route_mode="webhook"),
            ["resolve", "change"],
        ),
        (
            lambda sandbox: sandbox.remove("did_101"),
            3,
            lambda sandbox: sandbox.restore("did_101"),
            ["resolve"],
        ),
        (Sandbox.stop, 6, Sandbox.start, ["resolve"]),
        (
            lambda sandbox: sandbox.remove_application("app_support"),
            0,
            lambda sandbox: sandbox.set_application("app_support", answer_url=SUPPORT),
            ["resolve"],
        ),
    ],
    ids=["reaches nobody", "unreadable", "silent", "application gone"],
)
def test_what_is_an_incident_is_one_until_it_ends(
    program: Program,
    sandbox: Sandbox,
    pager: Pager,
    begin: Callable[[Sandbox], object],
    exit_code: int,
    end: Callable[[Sandbox], object],
    heard: list[str],
) -> None:
    fleet(program, sandbox, 30)
    begin(sandbox)
    watch(program, pager.to, exit_code=exit_code)
    assert pager.heard() == ["trigger"]
    end(sandbox)
    watch(program, pager.to, exit_code=4 if "change" in heard else 0)
    assert pager.heard() == heard
    assert pager.open == set()


@pytest.mark.parametrize("fault", [None, Fault("status", status=503)], ids=["silence", "503"])
@pytest.mark.parametrize("after", ["2", "9"])
def test_an_outage_of_few_dids_is_one_incident(
    program: Program, sandbox: Sandbox, pager: Pager, fault: Fault | None, after: str
) -> None:
    line = ("watch", "--all", "--once", "--after", after, "--silent", "1s", "--notify", pager.to)
    program.run(*line).ended(0)
    if fault is None:
        sandbox.stop()
    else:
        sandbox.fail(fault)
    code = 6 if fault is None else 3
    time.sleep(1)
    said = "".join(program.run(*line).ended(code).stdout for _ in range(4))
    assert len(said.splitlines()) == 1, said
    assert pager.heard() == ["trigger"]
    if fault is None:
        sandbox.start()
    sandbox.clear_faults()
    assert "the API is read again" in program.run(*line).ended(0).stdout
    assert pager.heard() == ["resolve"]
    assert pager.open == set()


def fleet(program: Program, sandbox: Sandbox, count: int) -> list[str]:
    dids = [f"did_m{n:03}" for n in range(count)]
    for n, did in enumerate(dids):
        sandbox.add_did(seed_did(did, "app_sales", f"+1777000{n:04}"))
    program.run("record", "--file", "-", stdin="\n".join(dids)).ended(0)
    return dids


def test_an_incident_of_many_ends_with_its_last_did(
    program: Program, sandbox: Sandbox, pager: Pager
) -> None:
    """However they were told: many at once broken and one by one well again, or the other way."""
    dids = fleet(program, sandbox, 30)
    watch(program, pager.to, exit_code=0)
    for did in dids:
        sandbox.move(did, route_mode="reject")
    watch(program, pager.to)
    assert pager.heard() == ["trigger"]
    for did in dids[:5]:
        sandbox.move(did, route_mode="webhook")
    watch(program, pager.to)
    assert pager.heard() == ["change"] * 5
    assert len(pager.open) == 1
    for did in dids[5:]:
        sandbox.move(did, route_mode="webhook")
    watch(program, pager.to)
    assert pager.heard() == ["resolve", "change"]
    for some in (dids[:9], dids[9:18], dids[18:27]):
        for did in some:
            sandbox.move(did, route_mode="reject")
        watch(program, pager.to)
    assert pager.heard() == ["trigger"] * 27
    for did in dids[:27]:
        sandbox.move(did, route_mode="webhook")
    watch(program, pager.to)
    assert pager.heard() == ["resolve"] * 27 + ["change"]
    assert pager.open == set()


def test_an_outage_of_a_receiver_neither_loses_nor_reorders(
    program: Program, sandbox: Sandbox, pager: Pager, receiver: Receiver
) -> None:
    other = spec(program, "url", f"{receiver.base}/other")
    receiver.asked, receiver.fails = 0, 6
    sandbox.move("did_101", route_mode="reject")
    stderr = watch(program, pager.to, other)
    assert ROUTING_KEY not in stderr
    assert "/other" not in stderr
    assert receiver.taken == []
    sandbox.move("did_101", route_mode="webhook")
    watch(program, pager.to, other)
    revisions = [each["revision"] for each in receiver.taken if "revision" in each]
    assert revisions == [2, 3]
    receiver.taken = [each for each in receiver.taken if "revision" not in each]
    receiver.paths = [path for path in receiver.paths if path != "/other"]
    assert pager.heard() == ["trigger", "resolve", "change"]


# JSON, signed as Standard Webhooks describe


def test_json_is_signed_where_a_secret_is_set(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "url", receiver.url, SIGNING)
    watch(program, to, receiver.url, exit_code=0)
    sandbox.move("did_101", application_id="app_sales")
    watch(program, to, receiver.url)
    assert len(receiver.bodies) == 2
    by_signed = {"webhook-signature" in head: n for n, head in enumerate(receiver.headers)}
    signed = by_signed[True]
    alert = Webhook(SIGNING).verify(receiver.bodies[signed], receiver.headers[signed])
    assert alert == receiver.taken[by_signed[False]]
    assert alert["text"].splitlines()[0].startswith("Routing changed: did_101")
    assert alert["text"].splitlines()[-1] == alert["link"]
    assert alert["restore"].startswith("changelog restore did_101")


# What the change falls into, and groups


def test_the_deploy_its_note_and_ticket_stand_beside_the_change(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    watch(program, receiver.url, exit_code=0)
    moved = f"{program.home}/moved"
    (program.home / "go").write_text(f"#!/bin/sh\nwhile ! test -e {moved}; do sleep 0.05; done\n")
    (program.home / "go").chmod(0o755)
    words = ("--tag", "ivr-7", "-m", "winter menu", "--ticket", "INC-12")
    deploy = program.start("deploy", "did_101", *words, "--", str(program.home / "go"))
    while "ivr-7:before" not in program.run("log", "--json").stdout:
        pass
    sandbox.move("did_101", application_id="app_sales")
    sandbox.move("did_102", application_id="app_sales")
    watch(program, receiver.url)
    Path(moved).touch()
    assert deploy.wait(30) == 0
    deploy.communicate()
    inside, outside = sorted(receiver.taken, key=lambda alert: str(alert["did"]))
    assert 'inside deploy ivr-7, INC-12: "winter menu"' in inside["text"].splitlines()
    assert inside["inside"]["deploy"] == "ivr-7"
    assert outside["inside"]["deploy"] is None
    assert "inside" not in outside["text"]


def test_what_somebody_recorded_is_told_with_the_name_and_the_ticket(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    watch(program, receiver.url, exit_code=0)
    sandbox.move("did_101", application_id="app_sales")
    words = ("--by", "uwe", "--changed-by", "carrier", "--ticket", "OPS-7", "-m", "moved")
    program.run("record", "did_101", *words).ended(0)
    watch(program, receiver.url)
    (alert,) = receiver.taken
    assert 'recorded by uwe, changed by carrier, OPS-7: "moved"' in alert["text"].splitlines()


def test_many_at_once_are_told_in_groups_with_one_command(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    dids = fleet(program, sandbox, 40)
    watch(program, receiver.url, exit_code=0)
    for did in dids[:30]:
        sandbox.move(did, application_id="app_support")
    for did in dids[30:]:
        sandbox.move(did, route_mode="reject")
    ran = program.run("watch", "--all", "--once", "--notify", receiver.url).ended(4)
    (alert,) = receiver.taken
    assert "10 DIDs (did_m030, did_m031, " in ran.stdout
    assert "of 40 DIDs at once: did_m000" in ran.stdout
    assert alert["text"].startswith("Routing changed, calls reach nobody: 10 DIDs (did_m030, ")
    assert alert["begun"] == dids[30:]
    assert "    30 DIDs: application_id app_sales → app_support" in ran.stdout
    assert f"    Put back: {alert['restore']}" in ran.stdout
    assert [group["count"] for group in alert["groups"]] == [30, 10]
    assert "30 DIDs: application_id app_sales → app_support (did_m000" in alert["text"]
    assert "10 DIDs: route_mode webhook → reject" in alert["text"]
    assert alert["link"].startswith("https://noc.example/changelog/changes?since=")
    words = alert["restore"].split()[1:]
    assert words[:3] == ["restore", "--all", "--to"]
    card = json.loads(program.run(*words, "--json", "--offline").ended(0).stdout)
    assert len(card["dids"]) == 40


def test_a_command_for_many_leaves_out_what_was_repaired(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    dids = fleet(program, sandbox, 13)
    for did in dids[:2]:
        sandbox.move(did, route_mode="reject")
    watch(program, receiver.url)
    for did in dids[:2]:
        sandbox.move(did, route_mode="webhook")
    for did in dids[2:]:
        sandbox.move(did, application_id=None)
    ran = program.run("watch", "--all", "--once", "--notify", receiver.url).ended(4)
    assert f"    Put back: changelog restore {' '.join(dids[2:])}\n" in ran.stdout
    assert "    2 DIDs went back to an older routing (did_m000, did_m001)" in ran.stdout
    assert receiver.taken[-1]["returned"] == 2


def test_an_event_for_pagerduty_has_room_for_so_many_groups_only(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    dids = fleet(program, sandbox, 103)
    watch(program, to, receiver.url, exit_code=0)
    for did in dids:
        sandbox.move(did, application_id=f"app_{did}")
    watch(program, to, receiver.url)
    details = receiver.taken[0]["payload"]["custom_details"]
    assert (len(details["groups"]), details["not_grouped"], details["count"]) == (100, 3, 103)
    assert len(receiver.taken[1]["groups"]) == 103


@pytest.mark.parametrize("status", [400, 413, 422])
def test_an_alert_that_is_refused_for_good_keeps_no_other_back(
    program: Program, sandbox: Sandbox, status: int
) -> None:
    with Receiver(fails=1, status=status) as receiver:
        watch(program, receiver.url, exit_code=0)
        sandbox.move("did_101", application_id="app_sales")
        said = watch(program, receiver.url)
        assert f"was refused by {receiver.base}: status {status}" in said
        sandbox.move("did_102", application_id="app_sales")
        watch(program, receiver.url)
        assert [alert["did"] for alert in receiver.taken] == ["did_102"]


def test_an_incident_ends_where_an_import_saw_its_end(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    watch(program, to, exit_code=0)
    sandbox.move("did_101", route_mode="reject")
    watch(program, to)
    opened = receiver.taken[-1]
    assert opened["event_action"] == "trigger"
    sandbox.move("did_101", route_mode="webhook")
    saved = program.home / "saved.json"
    saved.write_text(json.dumps([sandbox.did("did_101"), sandbox.did("did_102")]))
    program.run("import", str(saved)).ended(0)
    ran = program.run("watch", "--all", "--once", "--notify", to).ended(0)
    assert "did_101  +15551230001  its routing is no longer one that reaches nobody" in ran.stdout
    ended = [event for event in receiver.taken if event.get("event_action") == "resolve"]
    assert [event["dedup_key"] for event in ended] == [opened["dedup_key"]]
    sandbox.move("did_102", status="suspended")
    saved.write_text(json.dumps([sandbox.did("did_102")]))
    program.run("import", str(saved)).ended(0)
    watch(program, to, exit_code=0)


def test_a_did_that_reaches_nobody_already_opens_no_second_incident(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    """Not the one that an incident is open for, nor one that was so when the watch began."""
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    sandbox.move("did_102", route_mode="reject")
    program.run("record", "--all").ended(0)
    watch(program, to, exit_code=0)
    sandbox.move("did_101", route_mode="reject")
    watch(program, to)
    opened = receiver.taken[-1]
    said = "Routing changed, calls reach nobody: did_101"
    assert opened["payload"]["summary"].startswith(said)
    for did in ("did_101", "did_102"):
        sandbox.move(did, status="suspended")
    program.run("watch", "--all", "--once", "--notify", to, "--many", "1").ended(4)
    sandbox.move("did_101", application_id=None)
    watch(program, to)
    assert [event for event in receiver.taken if event.get("event_action")] == [opened]
    assert open_incidents(program) == [{"kind": "nobody", "dids": ["did_101"]}]
    for did in ("did_101", "did_102"):
        sandbox.move(did, application_id="app_support", route_mode="webhook")
    watch(program, to)
    ended = [event for event in receiver.taken if event.get("event_action") == "resolve"]
    assert [event["dedup_key"] for event in ended] == [opened["dedup_key"]]
    assert open_incidents(program) == []


def test_a_route_that_no_change_which_is_news_broke_opens_an_incident_too(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    """An import stored it, or its DID was retired and is named again."""

    def import_now(did: str) -> None:
        saved = program.home / "saved.json"
        saved.write_text(json.dumps([sandbox.did(did)]))
        program.run("import", str(saved)).ended(0)

    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    watch(program, to, exit_code=0)
    sandbox.move("did_101", route_mode="reject")
    import_now("did_101")
    watch(program, to)
    opened = receiver.taken[-1]
    assert opened["event_action"] == "trigger"
    assert "did_101  +15551230001  r2  route_mode webhook → reject" in opened["payload"]["summary"]
    watch(program, to, exit_code=0)
    # Repaired and broken again before the next round, which an import saw.
    sandbox.move("did_101", route_mode="webhook")
    program.record("did_101")
    sandbox.move("did_101", route_mode="reject")
    import_now("did_101")
    watch(program, to)
    actions = [event.get("event_action") for event in receiver.taken[1:]]
    assert [action for action in actions if action] == ["resolve", "trigger"]
    assert open_incidents(program) == [{"kind": "nobody", "dids": ["did_101"]}]
    program.run("mark", "did_101", "retired", "-m", "given back").ended(0)
    watch(program, to, exit_code=0)
    assert open_incidents(program) == []
    program.record("did_101")
    watch(program, to)
    assert open_incidents(program) == [{"kind": "nobody", "dids": ["did_101"]}]
    watch(program, to, exit_code=0)


def test_what_a_watch_of_a_number_holds_open_ends_once_another_did_has_it(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    number = "+15551230002"
    line = ("watch", number, "--once", "--notify", to)
    program.run(*line).ended(0)
    sandbox.move("did_102", route_mode="reject")
    program.run(*line).ended(4)
    opened = receiver.taken[-1]
    sandbox.move("did_102", number_e164="+15559990000")
    sandbox.add_did(seed_did("did_new", "app_sales", number))
    said = program.run(*line).stdout
    assert "did_102  is read no more: retired, or the watched number is not its own" in said
    (ended,) = (each for each in receiver.taken if each.get("event_action") == "resolve")
    assert ended["dedup_key"] == opened["dedup_key"]


def test_a_number_that_another_did_has_now_is_told_with_where_its_calls_go(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    number = "+15551230002"
    line = ("watch", number, "--once", "--notify", receiver.url)
    program.run(*line).ended(0)
    sandbox.move("did_102", number_e164="+15559990000")
    sandbox.add_did(seed_did("did_new", "app_sales", number))
    said = program.run(*line).ended(4).stdout
    assert f"number moved  did_new  {number}  the number was did_102's until now; its calls" in said
    (alert,) = receiver.taken
    assert (alert["event"], alert["did"], alert["opens"]) == ("number_moved", "did_new", None)
    assert alert["application_id"] == "app_sales"
    assert alert["text"].startswith("The number is another DID's now: did_new")
    assert alert["restore"] is None
    program.run(*line).ended(0)


def test_a_look_of_a_colleague_hides_no_number_that_moved(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    number = "+15551230002"
    line = ("watch", number, "--once", "--notify", receiver.url)
    program.run(*line).ended(0)
    sandbox.move("did_102", number_e164="+15559990000")
    sandbox.add_did(seed_did("did_new", "app_sales", number) | {"route_mode": "reject"})
    program.run("restore", number)
    said = program.run(*line).ended(4).stdout
    assert "the number was did_102's until now, and the calls reach nobody" in said
    assert program.run(*line).ended(0).stdout == ""


def test_a_did_that_is_named_itself_is_watched_on_without_its_number(
    program: Program, sandbox: Sandbox
) -> None:
    line = ("watch", "+15551230002", "did_102", "--once")
    program.run(*line).ended(0)
    sandbox.move("did_102", number_e164="+15559990000", application_id="app_sales")
    sandbox.add_did(seed_did("did_new", "app_sales", "+15551230002"))
    # Two names of one DID are one look; without the number they are two.
    assert "number moved  did_new" in program.run(*line).ended(4).stdout
    assert "changed     did_102" in program.run(*line).ended(4).stdout


def test_a_retired_did_that_a_watch_names_wakes_nobody(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    line = ("watch", "did_101", "did_102", "--once", "--after", "1", "--notify", receiver.url)
    program.run(*line).ended(0)
    sandbox.remove("did_102")
    assert "did_102" in program.run(*line).ended(3).stdout
    program.run("mark", "did_102", "retired", "-m", "given back").ended(0)
    assert "is read no more" in program.run(*line).stdout
    for _ in range(2):
        assert program.run(*line).stdout == ""


def test_an_application_that_is_gone_is_told_again_where_calls_go_back_to_it(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.move("did_102", application_id="app_sales")
    program.run("watch", "--all", "--once").ended(4)
    sandbox.remove_application("app_support")
    assert "app_support is not among" in program.run("watch", "--all", "--once").stdout
    sandbox.move("did_101", application_id="app_sales")
    assert open_incidents(program) != []
    watch(program)
    assert open_incidents(program) == []
    sandbox.move("did_101", application_id="app_support")
    watch(program)
    assert open_incidents(program) == [{"kind": "application_gone", "dids": ["did_101"]}]


def test_a_change_event_that_is_not_taken_holds_no_incident_back(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    watch(program, to, exit_code=0)
    receiver.refused = "/v2/change/enqueue"
    sandbox.move("did_102", status="suspended")
    watch(program, to)
    sandbox.move("did_101", route_mode="reject")
    watch(program, to)
    assert [each["event_action"] for each in receiver.taken] == ["trigger"]
    receiver.refused = ""
    watch(program, to, exit_code=0)
    assert "did_102" in receiver.taken[-1]["payload"]["summary"]


def test_the_end_of_one_incident_that_is_not_taken_holds_no_other_back(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    watch(program, to, exit_code=0)
    sandbox.move("did_101", route_mode="reject")
    watch(program, to)
    receiver.refused = "resolve"
    sandbox.move("did_101", route_mode="webhook")
    watch(program, to)
    sandbox.move("did_102", route_mode="reject")
    watch(program, to)
    keys = [each["dedup_key"] for each in receiver.taken]
    assert keys == ["changelog:all:nobody:did_101", "changelog:all:nobody:did_102"]
    # Its own incident waits: the end of the first one would end it too.
    sandbox.move("did_101", route_mode="reject")
    watch(program, to)
    assert len(receiver.taken) == 2
    receiver.refused = ""
    watch(program, to, exit_code=0)
    said = [each for each in receiver.taken[2:] if "event_action" in each]
    assert [each["event_action"] for each in said] == ["resolve", "trigger"]
    assert {each["dedup_key"] for each in said} == {keys[0]}


def test_an_end_that_is_not_taken_holds_not_even_the_beginning_beside_it_back(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    line = ("watch", "--all", "--once", "--many", "1", "--notify", to)
    program.run(*line).ended(0)
    sandbox.move("did_101", route_mode="reject")
    program.run(*line).ended(4)
    receiver.refused = "resolve"
    sandbox.move("did_101", route_mode="webhook")
    sandbox.move("did_102", route_mode="reject")
    program.run(*line).ended(4)
    assert [each["event_action"] for each in receiver.taken] == ["trigger", "trigger"]
    receiver.refused = ""
    program.run(*line).ended(0)
    assert receiver.taken[-1]["dedup_key"] == receiver.taken[0]["dedup_key"]
    assert receiver.taken[-1]["event_action"] == "resolve"


def test_a_did_that_is_named_beside_its_number_is_watched_on_without_it(
    program: Program, sandbox: Sandbox
) -> None:
    line = ("watch", "+15551230002", "did_102", "--once")
    program.run(*line).ended(0)
    sandbox.move("did_102", route_mode="reject")
    program.run(*line).ended(4)
    sandbox.move("did_102", number_e164="+15559990000")
    sandbox.add_did(seed_did("did_new", "app_sales", "+15551230002"))
    assert "is read no more" not in program.run(*line).ended(4).stdout
    assert open_incidents(program) == [{"kind": "nobody", "dids": ["did_102"]}]


def test_numbers_that_swap_their_dids_end_no_incident(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    line = ("watch", "+15551230001", "+15551230002", "--once")
    program.run(*line).ended(0)
    sandbox.move("did_102", route_mode="reject")
    program.run(*line).ended(4)
    sandbox.move("did_101", number_e164="+15551230002")
    sandbox.move("did_102", number_e164="+15551230001")
    sandbox.fail(Fault("slow", seconds=0.5), did="did_101", times=1)
    said = program.run(*line).ended(4).stdout
    assert "is read no more" not in said
    assert open_incidents(program) == [{"kind": "nobody", "dids": ["did_102"]}]
    assert program.run(*line).ended(0).stdout == ""


@pytest.mark.parametrize("is_outage", [True, False], ids=["outage", "one did"])
def test_a_route_that_reached_nobody_before_the_watch_is_no_news_once_it_can_be_read(
    program: Program, sandbox: Sandbox, is_outage: bool
) -> None:
    sandbox.move("did_102", route_mode="reject")
    program.record("did_102")
    sandbox.fail(Fault("status", status=503), did=None if is_outage else "did_102")
    program.run("watch", "--all", "--once").ended(3)
    sandbox.clear_faults()
    assert program.run("watch", "--all", "--once").ended(0).stdout == ""
    assert open_incidents(program) == []


def test_a_did_that_never_reached_anybody_is_no_news_when_it_joins(
    program: Program, sandbox: Sandbox
) -> None:
    program.run("watch", "--all", "--once").ended(0)
    sandbox.add_did(seed_did("did_new", "app_sales", "+15557770000") | {"route_mode": "reject"})
    program.record("did_new")
    sandbox.move("did_new", application_id="app_support")
    program.record("did_new")
    said = program.run("watch", "--all", "--once").ended(4).stdout
    assert said.count("did_new") == 1
    assert open_incidents(program) == []


def test_a_number_that_moves_to_a_did_with_an_open_incident_opens_its_own(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    line = ("watch", "did_102", "+15551230001", "--once", "--notify", to)
    program.run(*line).ended(0)
    sandbox.move("did_102", route_mode="reject")
    program.run(*line).ended(4)
    sandbox.move("did_101", number_e164="+15559990000")
    sandbox.move("did_102", number_e164="+15551230001")
    assert "and the calls reach nobody" in program.run(*line).ended(4).stdout
    opened = [each["dedup_key"] for each in receiver.taken if each.get("event_action") == "trigger"]
    assert [key.rpartition(":")[2] for key in opened] == ["did_102", "+15551230001"]
    # Its own ends once it goes to a DID that reaches somebody, whatever becomes of the other one.
    sandbox.move("did_102", number_e164="+15559990000")
    sandbox.move("did_101", number_e164="+15551230001")
    program.run(*line).ended(4)
    assert open_incidents(program) == [{"kind": "nobody", "dids": ["did_102"]}]
    sandbox.move("did_102", route_mode="webhook")
    program.run(*line).ended(4)
    assert open_incidents(program) == []
    ended = [each["dedup_key"] for each in receiver.taken if each.get("event_action") == "resolve"]
    assert ended == opened[::-1]


def test_a_number_that_moves_to_a_did_whose_application_is_gone_opens_its_own(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    program.record("did_104")
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    line = ("watch", "did_104", "+15551230001", "--once", "--notify", to)
    program.run(*line).ended(0)
    sandbox.remove_application("app_sales")
    program.run(*line).ended(0)
    sandbox.move("did_101", number_e164="+15559990000")
    sandbox.move("did_104", number_e164="+15551230001")
    said = program.run(*line).ended(4).stdout
    assert "until now, and the application is not listed, or has no answer_url" in said
    opened = [each["dedup_key"] for each in receiver.taken if each.get("event_action") == "trigger"]
    assert [key.rpartition(":")[2] for key in opened] == ["did_104", "+15551230001"]
    sandbox.set_application("app_sales", answer_url=SUPPORT)
    program.run(*line)
    assert open_incidents(program) == []


def test_a_number_that_no_did_had_yet_recovers_once_one_has_it(
    program: Program, sandbox: Sandbox
) -> None:
    number = "+15557770001"
    line = ("watch", "did_101", number, "--once", "--after", "1")
    program.run(*line).ended(3)
    assert f"{number}, never read" in program.run("status").ended(0).stdout
    sandbox.add_did(seed_did("did_x", "app_sales", number))
    said = program.run(*line).stdout
    assert "readable again" in said
    assert program.run(*line).ended(0).stdout == ""
    assert "0 never read" in program.run("status").ended(0).stdout


def test_of_many_numbers_that_move_those_that_reach_nobody_are_named(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    numbers = [f"+1666000000{n}" for n in range(3)]
    for n, number in enumerate(numbers):
        sandbox.add_did(seed_did(f"old_{n}", "app_sales", number))
    line = ("watch", *numbers, "--once", "--many", "2", "--notify", receiver.url)
    program.run("record", *numbers).ended(0)
    program.run(*line).ended(0)
    for n, number in enumerate(numbers):
        sandbox.move(f"old_{n}", number_e164=f"+1777000000{n}")
        mode = {"route_mode": "reject"} if n == 1 else {}
        sandbox.add_did(seed_did(f"new_{n}", "app_sales", number) | mode)
    said = program.run(*line).ended(4).stdout
    assert "new_0, new_1, new_2; of 1 of them the calls reach nobody: new_1" in said
    assert "of 1 of them the calls reach nobody: new_1" in receiver.taken[-1]["text"]


def test_a_number_whose_new_did_reaches_nobody_opens_an_incident_until_it_does(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    number = "+15551230002"
    line = ("watch", number, "--once", "--notify", to)
    program.run(*line).ended(0)
    sandbox.move("did_102", number_e164="+15559990000")
    sandbox.add_did(seed_did("did_new", "app_sales", number) | {"application_id": None})
    said = program.run(*line).ended(4).stdout
    assert "the number was did_102's until now, and the calls reach nobody" in said
    opened = receiver.taken[-1]
    assert opened["event_action"] == "trigger"
    assert open_incidents(program) == [{"kind": "nobody", "dids": ["did_new"]}]
    sandbox.move("did_new", application_id="app_sales")
    program.run(*line).ended(4)
    (ended,) = (each for each in receiver.taken if each.get("event_action") == "resolve")
    assert ended["dedup_key"] == opened["dedup_key"]


def open_incidents(program: Program) -> list[dict[str, object]]:
    (watched,) = json.loads(program.run("status", "--json").stdout)["watches"]
    return list(watched["open"])


def test_a_command_for_many_names_those_only_that_were_rerouted(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    dids = fleet(program, sandbox, 12)
    watch(program, receiver.url, exit_code=0)
    for did in dids[1:]:
        sandbox.move(did, status="suspended")
    sandbox.move(dids[0], application_id="app_support")
    program.run("watch", "--all", "--once", "--many", "5", "--notify", receiver.url).ended(4)
    (alert,) = receiver.taken
    assert (alert["count"], alert["restore"]) == (12, f"changelog restore {dids[0]}")


def test_a_change_that_another_followed_goes_back_to_before_it(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    watch(program, receiver.url, exit_code=0)
    for application in ("app_sales", "app_maintenance"):
        sandbox.move("did_101", application_id=application)
        program.record("did_101")
    watch(program, receiver.url)
    first, second = receiver.taken
    words = first["restore"].split()[1:]
    (card,) = program.json(*words, "--offline")["dids"]
    assert card["target"]["revision"] == 1
    assert second["restore"] == "changelog restore did_101"


def test_two_applications_that_are_gone_are_an_alert_each(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    dids = fleet(program, sandbox, 4)
    for did in dids[2:]:
        sandbox.move(did, application_id="app_support")
    watch(program)
    for application in ("app_sales", "app_support"):
        sandbox.remove_application(application)
    ran = program.run("watch", "--all", "--once", "--notify", receiver.url).ended(0)
    carried = ["did_101", "did_102", *dids[2:]]
    for application, those in (("app_sales", dids[:2]), ("app_support", carried)):
        gone = f"application {application} is not among those that /applications lists"
        assert f"{len(those)} DIDs at once ({gone}): {', '.join(those)}" in ran.stdout
    assert len({alert["opens"] for alert in receiver.taken}) == 2


def test_a_did_that_moved_to_an_application_that_is_gone_is_one_of_those(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    program.record("did_104")
    watch(program, receiver.url, exit_code=0)
    sandbox.remove_application("app_support")
    sandbox.move("did_104", application_id="app_support")
    watch(program, receiver.url)
    gone = [
        alert for alert in receiver.taken if "application_gone" in (alert["event"], alert["of"])
    ]
    assert sorted(did for alert in gone for did in alert["dids"] or [alert["did"]]) == [
        "did_101",
        "did_102",
        "did_104",
    ]


def test_a_did_that_comes_back_to_an_application_without_its_answer_url_is_told(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.move("did_102", application_id="app_sales")
    program.run("watch", "--all", "--once").ended(4)
    sandbox.set_application("app_support", answer_url=None)
    sandbox.move("did_101", application_id="app_sales")
    program.run("watch", "--all", "--once").ended(4)
    assert open_incidents(program) == []
    sandbox.move("did_101", application_id="app_support")
    said = program.run("watch", "--all", "--once").ended(4).stdout
    assert "application app_support is listed without an answer_url" in said
    assert open_incidents(program) == [{"kind": "application_gone", "dids": ["did_101"]}]


def test_an_application_that_loses_its_answer_url_is_told_once_and_once_it_is_back(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    to = spec(program, "pagerduty", ROUTING_KEY, receiver.base)
    watch(program, to, exit_code=0)
    sandbox.set_application("app_support", answer_url=None)
    for _ in range(2):
        watch(program, to, exit_code=0)
    (opened,) = receiver.taken
    assert opened["payload"]["summary"].startswith("Application without an answer_url: 2 DIDs")
    assert open_incidents(program) == [{"kind": "application_gone", "dids": ["did_101", "did_102"]}]
    sandbox.set_application("app_support", answer_url=SUPPORT)
    watch(program, to, exit_code=0)
    assert [each["event_action"] for each in receiver.taken] == ["trigger", "resolve"]
    assert open_incidents(program) == []


# Where addresses come from


def test_settings_name_a_receiver_whose_address_stands_in_a_variable(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    settings = Path(program.environment["CHANGELOG_CONFIG"])
    tables = [
        f'[notify.{name}]\nkind = "slack"\nenv = "SLACK_{name.upper()}"'
        for name in ("ops", "unused")
    ]
    settings.write_text("\n".join(tables))
    program.environment["SLACK_OPS"] = f"{receiver.url}?token=hunter2"
    program.environment["SLACK_UNUSED"] = "https://hooks.example/hunter2"
    watch(program, "ops", exit_code=0)
    sandbox.move("did_101", application_id="app_sales")
    seen = program.home / "environment"
    words = ("--notify", "ops", "--on-change", f"env > {seen}")
    program.run("watch", "--all", "--once", *words).ended(4)
    require_slack(receiver.taken[0])
    assert "hunter2" not in seen.read_text()
    refused = program.run("note", "did_101", "-m", f"{receiver.url}?token=hunter2").ended(2)
    assert "hunter2" not in refused.stderr


@pytest.mark.parametrize(
    ("to", "lines"),
    [
        ("slack:https://hooks.example/hunter2", ()),
        ("slack", ("http://hooks.example/hunter2",)),
        ("slack", ("https://hooks.example/hunter2", SIGNING)),
        ("slack", ()),
        ("teams", ("hunter2",)),
        ("pagerduty", ("hunter2",)),
        ("pagerduty", (ROUTING_KEY, "http://events.example/hunter2")),
        ("url", ("https://alerts.example/", "whsec_hunter2!")),
        ("url", ("https://alerts.example/", SIGNING, "hunter2")),
        ("slack:/nowhere/at/all", ()),
        ("ops", ()),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_fetched(
    to: str, lines: tuple[str, ...], program: Program
) -> None:
    named = to if ":" in to or to == "ops" else spec(program, to, *lines)
    assert "hunter2" not in watch(program, named, exit_code=2).replace(named, "")


def test_so_are_certificates_that_cannot_be_read(program: Program, sandbox: Sandbox) -> None:
    program.environment["SSL_CERT_FILE"] = "/nowhere/ca.pem"
    fetched = len(sandbox.requests)
    assert "SSL_CERT_FILE" in watch(program, "https://alerts.example/", exit_code=2)
    assert len(sandbox.requests) == fetched


def test_settings_that_describe_no_receiver_are_refused(program: Program) -> None:
    settings = Path(program.environment["CHANGELOG_CONFIG"])
    for text in ('kind = "pigeon"\nfile = "x"', 'kind = "slack"', 'file = "x"'):
        settings.write_text(f"[notify.ops]\n{text}\n")
        assert "notify.ops" in program.run("config").ended(2).stderr


def test_a_change_of_the_status_alone_is_no_change_of_the_routing(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    watch(program, receiver.url, exit_code=0)
    sandbox.move("did_101", status="suspended")
    watch(program, receiver.url, exit_code=4)
    (alert,) = receiver.taken
    first = alert["text"].splitlines()[0]
    assert first == "Changed: did_101  +15551230001  r2  status active → suspended"
    assert "Put back" not in alert["text"]
    assert alert["restore"] is None
    for did in ("did_101", "did_102"):
        sandbox.move(did, status="blocked")
    program.run("watch", "--all", "--once", "--many", "1", "--notify", receiver.url).ended(4)
    many = receiver.taken[-1]
    assert (many["event"], many["restore"]) == ("many", None)
    assert many["text"].startswith("Changed: 2 DIDs at once")


def given_away(
    program: Program, sandbox: Sandbox, pager: Pager, *, after: int
) -> tuple[str, tuple[str, ...]]:
    """Watch a number that its DID gives away. Returns it, and the line that watches it."""
    number = "+15551230002"
    line = ("watch", number, "--once", "--after", f"{after}", "--notify", pager.to)
    program.run(*line).ended(0)
    sandbox.move("did_102", number_e164="+16660000001")
    program.record("did_102")
    return number, line


def test_a_watched_number_that_no_did_has_any_more_is_an_incident_until_one_has_it(
    program: Program, sandbox: Sandbox, pager: Pager
) -> None:
    """Its DID is asked for by its id then, and is well: but nobody answers its callers."""
    number, line = given_away(program, sandbox, pager, after=2)
    program.run(*line)
    said = program.run(*line).ended(3).stdout
    assert "no DID has this number any more: did_102 has +16660000001 now" in said
    assert pager.now_open() == {f"unreadable:{number}"}
    assert program.run(*line).ended(3).stdout == ""
    sandbox.move("did_104", number_e164=number)
    program.run(*line)
    assert pager.now_open() == set()


@pytest.mark.parametrize("is_hidden", [False, True])
def test_another_change_of_a_route_that_reached_nobody_before_wakes_nobody(
    program: Program, sandbox: Sandbox, pager: Pager, is_hidden: bool
) -> None:
    program.record("did_101")
    sandbox.move("did_101", route_mode="reject")
    program.record("did_101")
    line = ("watch", "did_101", "--once", "--after", "5", "--notify", pager.to)
    if is_hidden:
        sandbox.remove("did_101")
        program.run(*line).ended(3)
        sandbox.restore("did_101")
    sandbox.move("did_101", status="suspended")
    program.run(*line)
    assert pager.now_open() == set()
    # A route that breaks anew does.
    sandbox.move("did_101", route_mode="webhook")
    program.run(*line)
    sandbox.move("did_101", route_mode="reject")
    program.run(*line).ended(4)
    assert pager.now_open() == {"nobody:did_101"}


def test_two_groups_of_one_round_are_an_incident_each(
    program: Program, sandbox: Sandbox, pager: Pager
) -> None:
    """Numbers that moved to DIDs that reach nobody, and a route that broke by itself."""
    numbers = ["+15551230001", "+15551230002", "+15551230004"]
    for place in range(2):
        number = f"+1666000000{place}"
        sandbox.add_did({"id": f"did_a{place}", "number_e164": number, "route_mode": "reject"})
        program.record(f"did_a{place}")
    line = ("watch", *numbers, "--once", "--many", "1", "--notify", pager.to)
    program.run(*line).ended(0)
    for place, number in enumerate(numbers[:2]):
        sandbox.move(f"did_10{place + 1}", number_e164=f"+1777000000{place}")
        sandbox.move(f"did_a{place}", number_e164=number)
    sandbox.move("did_104", route_mode="reject")
    program.run(*line).ended(4)
    assert len(pager.now_open()) == 2
    for place in range(2):
        sandbox.move(f"did_a{place}", route_mode="webhook", application_id="app_support")
    program.run(*line)
    (left,) = pager.now_open()
    assert left.endswith("did_104")


def test_an_incident_that_ended_since_is_not_begun_again(
    program: Program, sandbox: Sandbox, receiver: Receiver, pager: Pager
) -> None:
    """Its beginning was taken, and the end beside it was not: both are tried again, later."""
    dids = fleet(program, sandbox, 5)
    line = ("watch", "--all", "--once", "--many", "1", "--notify", pager.to)
    program.run(*line).ended(0)
    sandbox.move(dids[0], route_mode="reject")
    program.run(*line).ended(4)
    for repaired, broken in ((dids[:1], dids[1:3]), (dids[1:3], dids[3:])):
        receiver.refused = f"changelog:all:nobody:{dids[0]}"
        for did in repaired:
            sandbox.move(did, route_mode="webhook")
        for did in broken:
            sandbox.move(did, route_mode="reject")
        program.run(*line).ended(4)
    receiver.refused = ""
    program.run(*line).ended(0)
    assert len(pager.now_open()) == 1
    for did in dids[3:]:
        sandbox.move(did, route_mode="webhook")
    program.run(*line).ended(4)
    assert pager.now_open() == set()


def test_the_command_of_a_watch_of_some_names_no_other_did(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    dids = fleet(program, sandbox, 22)
    line = ("watch", *dids, "--once", "--notify", receiver.url)
    program.run(*line).ended(0)
    for did in ("did_101", *dids):
        sandbox.move(did, application_id="app_new")
    program.run("record", "--all", "-m", "did_101 moves on purpose").ended(0)
    program.run(*line).ended(4)
    (alert,) = receiver.taken
    assert alert["restore"] == f"changelog restore {' '.join(dids)}"


def test_a_group_that_moved_on_since_goes_back_to_before_what_is_told(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    dids = fleet(program, sandbox, 2)
    watch(program, exit_code=0)
    line = ("watch", "--all", "--once", "--many", "1", "--notify", receiver.url)
    receiver.refused = "/hook"
    for application in ("app_support", "app_sales"):
        for did in dids:
            sandbox.move(did, application_id=application)
        program.run(*line).ended(4)
    receiver.refused = ""
    program.run(*line).ended(0)
    broken, _ = receiver.taken
    assert "2 DIDs: application_id app_sales → app_support" in broken["text"]
    document = program.json(*broken["restore"].split()[1:])
    assert [card["already_there"] for card in document["dids"]] == [True, True]


def test_a_change_of_what_this_watch_does_not_count_is_no_news(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    """A colleague without the settings file recorded it."""
    settings = program.home / "changelog.toml"
    settings.write_text('volatile = ["calls_today"]\n')
    sandbox.move("did_101", calls_today=1)
    program.record("did_101")
    watch(program, receiver.url, exit_code=0)
    sandbox.move("did_101", calls_today=2)
    settings.write_text("")
    program.record("did_101")
    settings.write_text('volatile = ["calls_today"]\n')
    watch(program, receiver.url, exit_code=0)
    assert receiver.taken == []


def test_an_application_that_the_calls_left_is_not_said_to_be_listed_again(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    watch(program, receiver.url, exit_code=0)
    sandbox.remove_application("app_support")
    watch(program, receiver.url, exit_code=0)
    sandbox.move("did_101", route_mode="sip")
    watch(program, receiver.url)
    ended = receiver.taken[-1]
    assert ended["text"].startswith("The application is used no more: did_101  +15551230001  its")
    assert open_incidents(program) == [{"kind": "application_gone", "dids": ["did_102"]}]


def test_a_number_that_was_given_away_stays_one_incident_when_its_did_is_gone_too(
    program: Program, sandbox: Sandbox, pager: Pager
) -> None:
    number, line = given_away(program, sandbox, pager, after=1)
    program.run(*line).ended(3)
    sandbox.remove("did_102")
    program.run(*line).ended(3)
    assert pager.now_open() == {f"unreadable:{number}"}


def test_a_rate_that_is_exceeded_for_all_is_one_alert(
    program: Program, sandbox: Sandbox, receiver: Receiver
) -> None:
    watch(program, receiver.url, exit_code=0)
    sandbox.fail(Fault("status", status=429))
    watch(program, receiver.url, exit_code=3)
    (alert,) = receiver.taken
    assert alert["did"] is None
    assert "no DID could be read" in alert["text"]


def test_an_application_that_another_key_alone_lists_is_not_gone(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """Two teams share a log, and each key's list shows the application of its own team."""
    sandbox.remove_application("app_sales")
    program = Program(tmp_path, api=sandbox, database=str(tmp_path / "log.db"))
    with Sandbox("key-of-sales") as sales:
        sales.remove_application("app_support")
        theirs = {"MINIVOICE_API_URL": sales.url, "MINIVOICE_API_KEY": "key-of-sales"}
        program.run("record", "did_104", environment=theirs).ended(0)
        program.record("did_101", "did_102")
        line = ("watch", "--all", "--once")
        program.run(*line).ended(0)
        sandbox.move("did_101", application_id="app_sales")
        assert "application gone" not in program.run(*line).ended(4).stdout
        assert open_incidents(program) == []
        sandbox.remove_application("app_support")
        assert "application gone  did_102" in program.run(*line).ended(0).stdout
        sales.remove_application("app_sales")
        assert "application gone" in program.run(*line, environment=theirs).ended(4).stdout
