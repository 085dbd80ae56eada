"""Tags are found by whoever has only the command line."""

import re
from pathlib import Path

from tests.logbook import Logbook
from tests.program import Program


def test_tags_are_listed_newest_first_with_what_each_names(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", key="", database=logbook.location)
    program.run("tag").ended(5)
    capture = logbook.capture(tag="release-7:before")
    logbook.see(capture=capture)
    capture.close()
    assert "no tag" not in program.run("tag").ended(0).stdout
    program.run("tag", "noon", "--by", "carl").ended(0)
    noon, before = program.run("tag").ended(0).stdout.splitlines()
    assert re.fullmatch(r"noon +20\S+ \S+Z  moment +carl", noon)
    assert re.fullmatch(r"release-7:before  2026-11-01 \S+Z  capture 1  olga", before)
    document = program.json("tag")
    assert [(tag["name"], tag["capture"]) for tag in document["tags"]] == [
        ("noon", None),
        ("release-7:before", 1),
    ]
    assert document["more"] is False


def test_a_log_without_tags_says_so_and_a_name_is_not_guessed(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", key="", database=logbook.location)
    logbook.see()
    assert program.run("tag").ended(0).stdout == "no tag is recorded yet\n"
    assert "changelog tag NAME --at T" in program.run("tag", "--at", "14:00").ended(2).stderr
    program.run("tag", "noon").ended(0)
    unknown = program.run("log", "--tag", "nooon").ended(5).stderr
    assert "There are: noon. changelog tag lists them with their times." in unknown
