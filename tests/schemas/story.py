"""What happens to a log that is saved: something of everything, told by the program's commands.

A table that stays empty stops the save: then this story lacks the command that fills it.
"""

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from changelog.sandbox.state import seed_did
from tests.program import Program, Ran
from tests.sandbox_faults import Fault, Sandbox
from tests.webhooks import webhook

ODD = 'did_ü "half" %2F/one?'
SALES_KEY = "another-key-0815-of-sales"
SETTINGS = """
volatile = ["calls_today"]
destination_fields = ["sip_uri"]
[keys.sales]
file = "sales.key"
"""
ANSWER_URL = "https://olga:pw@voice.example.com/ä?token=s&lang=de"
NOTE = "Zürich, vor dem Umzug; 'so' \"wie\" \\n — ☎ \u202e\u0007 :x %s\n-- zweite Zeile"


class Story:
    """Plays on a log that does not exist yet, and knows what to ask of it afterwards."""

    def __init__(self, program: Program, sandbox: Sandbox) -> None:
        self.program = program
        self.sandbox = sandbox
        self.between = ""

    def play(self) -> None:
        (self.program.home / "changelog.toml").write_text(SETTINGS)
        (self.program.home / "sales.key").write_text(SALES_KEY)
        self.program.environment["CHANGELOG_CONFIG"] = str(self.program.home / "changelog.toml")
        self.sandbox.keys[SALES_KEY] = frozenset({"app_sales"})
        self._what_was_kept_before()
        self._the_fleet()
        self._a_deploy()
        self._what_cannot_be_read()
        self._judged_and_heard()
        self._put_back()
        self._cut_short()
        self._watched()
        self._thinned()

    # What happens

    def _what_was_kept_before(self) -> None:
        old = [
            seed_did("did_101", "app_support", "+15551230001"),
            {"id": "did_102", "application_id": None, "route_mode": "", "number_e164": None},
        ]
        self._file("saved.json", *old)
        self.run("import", "saved.json", "--at", "2026-11-20T09:00Z", "-m", "what support kept")

    def _the_fleet(self) -> None:
        odd = seed_did(ODD, "app_maintenance", "+15551230042")
        odd |= {"label": "Größe ☎ \u202e \x00 end", "calls_today": 1, "deep": {"a": [None, 1.5]}}
        self.sandbox.add_did(odd)
        self.sandbox.add_did(
            {"id": "did_sip", "number_e164": "+15551230043", "route_mode": "sip", "sip_uri": "ü@x"}
        )
        self.sandbox.add_did({"id": "did_bare"})
        self.sandbox.add_did(
            seed_did("did_long", "app_support", "+15551230044")
            | {"tags": [f"tag {n}" for n in range(100)], "password": "never stored"}
        )
        self.sandbox.set_application("app_support", answer_url=ANSWER_URL)
        self.run(
            *("record", "did_101", "did_102", "did_103", "did_104", ODD, "did_sip", "did_bare"),
            *("did_long", "-m", NOTE, "--tag", "pre", "--ticket", "NET-1", "--changed-by", "ána"),
        )
        self.run("record", "did_105", "--destination", "sip:desk@pbx.example", "--by", "bob")
        self.run("record", "--all")
        self.between = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _a_deploy(self) -> None:
        self.sandbox.move("did_101", application_id="app_maintenance")
        self.sandbox.move("did_102", route_mode="reject", application_id=None)
        self.sandbox.move("did_103", application_id="app_sales", status="suspended")
        self.sandbox.move(ODD, calls_today=7, deep={"a": [None, 2]})
        self.sandbox.set_application("app_support", answer_url="https://voice.example.com/new")
        # The number of did_102 goes to another DID.
        self.sandbox.move("did_102", number_e164="+15551230099")
        self.sandbox.add_did(seed_did("did_106", "app_support", "+15551230002"))
        self.run("deploy", "--all", "--tag", "ivr-7", "-m", "the move", "--", "true")
        self.run("record", "--all", "--tag", "post")
        self.sandbox.move("did_sip", sip_uri="sip:desk@pbx.example")
        self.run("record", "did_sip", "+15551230002")

    def _what_cannot_be_read(self) -> None:
        self.sandbox.remove("did_104")
        self.sandbox.fail(Fault("html"), did="did_105", times=9)
        self.sandbox.fail(Fault("raw", body=b"\xff\xfe {not json"), did="did_sip", times=9)
        self.sandbox.fail(Fault("raw", status=503, body=b"\x00 x" * 500), did=ODD, times=9)
        self.sandbox.fail(Fault("other_did"), did="did_bare", times=9)
        self.sandbox.fail(Fault("status", status=500), applications=True, times=9)
        self.run("record", "--all", exit_code=3)
        self.run("record", "did_999", "+15559999999", exit_code=3)
        self.sandbox.clear_faults()
        self._file("late.json", seed_did("did_103", "app_old", "+15551230003"))
        self.run("import", "late.json", "--at", "2026-11-22T00:00Z")

    def _judged_and_heard(self) -> None:
        self.run("note", "did_101@r1", "-m", "größer: it's\nfine", "--by", "bob")
        self.run("note", "did_101", "-m", "n2 :x % \\x00'")
        self.run("mark", "did_101@previous", "good", "-m", "calls went through")
        self.run("mark", "did_101", "bad", "-m", "silence")
        self.run("mark", "did_103", "bad", "-m", "first thought")
        self.run("mark", "did_103", "good", "-m", "on second thought", "--by", "bob")
        self.run("mark", "did_bare", "retired", "-m", "given back")
        self.run("mark", "did_long", "retired", "-m", "by mistake")
        self.run("record", "did_long")
        self.run("tag", "noon", "--at", "2026-11-21T12:00Z")
        self.run("tag", "now")
        now = datetime.now(UTC)
        for name, to, application, *words in (
            ("c1", "+15551230003", "app_sales", "--result", "pass", "-m", "hörte die Ansage"),
            ("c2", "+15551230044", "app_support", "--result", "fail", "-m", "silence"),
            ("c3", "+15551230042", "app_maintenance"),
            ("c4", "+15551230005", "app_maintenance"),
        ):
            body = webhook(f"call ü {name}", to, application, now, route_mode="webhook")
            (self.program.home / f"{name}.json").write_text(body)
            self.run("evidence", f"{name}.json", *words)
        self.run("evidence", "c3.json", "--result", "pass")

    def _put_back(self) -> None:
        self.sandbox.set_application("app_support", answer_url=ANSWER_URL)
        self.sandbox.move("did_101", application_id="app_support")
        self.run("verify", "did_101", "--to", "good")
        self.sandbox.move("did_106", application_id="app_sales")
        self.run("record", "did_106")
        self.sandbox.move("did_106", application_id="app_support")
        self.run("record", "did_106")
        self.sandbox.restore("did_104")
        self.sandbox.move("did_104", application_id="app_maintenance")
        self.run("restore", "did_104")

    def _cut_short(self) -> None:
        """Two captures that were killed: one is gone on with, one stays open."""
        for note in ("killed, gone on with", "killed"):
            self.sandbox.fail(Fault("slow", seconds=120), did="did_105")
            with self.program.start(
                *("record", "did_101", "did_106", "did_105", "did_102"),
                *("--concurrency", "1", "-m", note),
            ) as process:
                assert process.stdout is not None
                for _ in range(2):
                    assert process.stdout.readline()
                process.send_signal(signal.SIGKILL)
            self.sandbox.clear_faults()
            if note != "killed":
                self.run("record", "--resume")

    def _watched(self) -> None:
        if self.program.run("watch", "--help").exit_code:
            return
        told = self.program.home / "told"
        watch = ("watch", "--all", "--once", "--after", "1", "--on-change", f"cat >> {told}; false")
        self.run(*watch, exit_code=4)
        self.sandbox.move("did_101", application_id="app_sales")
        self.sandbox.fail(Fault("status", status=503), did="did_102")
        self.run(*watch, exit_code=3)
        self.sandbox.clear_faults()
        self.run(*watch, exit_code=0)
        self.run("watch", "did_101", "--once")
        self.sandbox.stop()
        self.run(*watch, exit_code=6)
        self.sandbox.start()

    def _thinned(self) -> None:
        if self.program.run("prune", "--help").exit_code:
            return
        self._file("often.json", seed_did("did_often", "app_support", "+15551230109"))
        for day in range(1, 6):
            self.run("import", "often.json", "--at", f"2026-10-0{day}T00:00Z")
        self.run("prune", "--older-than", "30d", "--by", "bob")

    # What it says

    def questions(self) -> Iterator[tuple[str, ...]]:
        """The command lines whose answers are kept; none of them fetches or writes."""
        yield from (("log",), ("log", "--snapshots"), ("log", "--tag", "pre"), ("list",))
        yield from (("list", "--at", "tag:pre"), ("list", "--at", self.between), ("diff",))
        yield ("list", "--at", "tag:noon")
        yield ("diff", "--from", "tag:pre", "--to", "tag:post")
        yield ("diff", "--from", "tag:ivr-7:before", "--to", "tag:ivr-7:after", "--all-fields")
        yield ("restore", "--all", "--to", "tag:pre")
        yield ("restore", "+15551230002", "--offline")
        yield ("restore", "did_101", "--offline", "--to", "good")
        for one in self.program.json("list")["dids"]:
            did, latest = one["did"], one["revision"]
            yield ("log", did)
            yield ("restore", did, "--offline")
            yield from (("show", f"{did}@r{revision}") for revision in range(1, latest + 1))

    # How

    def run(self, *arguments: str, exit_code: int | None = None) -> Ran:
        ran = self.program.run(*arguments)
        allowed = (0, 3) if exit_code is None else (exit_code,)
        assert ran.exit_code in allowed, ran
        return ran

    def _file(self, name: str, *bodies: dict[str, Any]) -> None:
        path = Path(self.program.home / name)
        path.write_text("\n".join(json.dumps(body) for body in bodies))
