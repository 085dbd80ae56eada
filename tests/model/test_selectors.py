"""The words that name a revision: every form, what each means, and what an error says."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.did_ref import as_e164, as_number, join_numbers, join_words
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import (
    Confirmation,
    History,
    Verdict,
    VerdictKind,
)
from changelog.model.results.base import DidError
from changelog.model.routing import Routing
from changelog.model.selectors import (
    FORMS,
    At,
    Latest,
    Number,
    Selector,
    Tag,
    Tagged,
    Word,
    existing_tag_name,
    full_moment,
    parse_selector,
    resolve,
    revision_at,
    tag_name,
)
from changelog.model.text.times import (
    format_duration,
    format_utc,
    from_micros,
    parse_moment,
    rfc3339,
    to_micros,
)
from tests.model.revisions import revision

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = NOW - 24 * HOUR
MOMENTS = st.integers(
    to_micros(datetime(1000, 1, 2, tzinfo=UTC)), to_micros(datetime(9999, 12, 30, tzinfo=UTC))
).map(from_micros)


@dataclass(frozen=True)
class Tags:
    """Tags kept in memory; `read` holds (capture, DID) → the revision read."""

    known: dict[str, Tag] = field(default_factory=dict)
    read: dict[tuple[int, str], int] = field(default_factory=dict)

    def tag(self, name: str) -> Tag | None:
        return self.known.get(name)

    def tag_names(self) -> list[str]:
        return list(self.known)

    def as_of(self, did: str, moment: datetime) -> int | None:  # noqa: ARG002 -- the interface
        return None

    def read_in(self, capture: int, did: str) -> int | None:
        return self.read.get((capture, did))

    def unread_by(self, capture: int, did: str) -> dict[str, DidError]:  # noqa: ARG002
        return {}


def log(routings: str) -> History:
    """One revision a letter, the first at `FIRST`, each an hour after the one before."""
    return History(
        did="did_1",
        revisions=tuple(
            revision(
                place + 1,
                Routing(f"app_{letter}", "webhook"),
                FIRST + place * HOUR,
                routing_number=routings.index(letter) + 1,
            )
            for place, letter in enumerate(routings)
        ),
    )


def judged(history: History, *verdicts: tuple[VerdictKind, int]) -> History:
    """`history` with a verdict a minute, each on a revision."""
    return replace(
        history,
        verdicts=tuple(
            Verdict(
                revision,
                history.revisions[revision - 1].routing_number,
                kind,
                "why",
                "olga",
                NOW + timedelta(days=1, minutes=place),
            )
            for place, (kind, revision) in enumerate(verdicts)
        ),
    )


def named(text: str, history: History, tags: Tags | None = None) -> int:
    return resolve(parse_selector(text, NOW), history, tags or Tags()).revision.revision


FORMS_READ: list[tuple[str, Selector]] = [
    ("latest", Latest()),
    (" latest ", Latest()),
    ("latest~0", Latest()),
    ("latest~12", Latest(12)),
    ("previous", Word.PREVIOUS),
    ("good", Word.GOOD),
    ("live", Word.LIVE),
    ("3", Number(3)),
    ("r3", Number(3)),
    ("r007", Number(7)),
    ("tag:v1.2/x_-", Tagged("v1.2/x_-")),
    ("tag:friday:before", Tagged("friday:before")),
    ("tag:friday:after", Tagged("friday:after")),
    ("tag:latest", Tagged("latest")),
    ("2020-11-23", At(datetime(2020, 11, 23, 23, 59, 59, 999_999, UTC))),
    ("2026-11-23 14:00:05.25", At(datetime(2026, 11, 23, 14, 0, 5, 250_000, UTC))),
    ("90 s ago", At(NOW - timedelta(seconds=90))),
    ("15m", At(NOW - timedelta(minutes=15))),
]


def at(day: int, hour: int = 0, minute: int = 0, *less: int) -> At:
    return At(datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(microseconds=sum(less)))


EARLY, NOON, LATE = at(26, 0, 40), at(26, 13), at(26, 23, 50)
THREE = (EARLY, NOON, LATE)
END_OF_YESTERDAY = at(26, 0, 0, 1)
TWENTY_WAYS: dict[str, tuple[At | None, ...]] = {
    "14:00": (at(25, 14), at(25, 14), at(26, 14)),
    "14:00z": (at(25, 14), at(25, 14), at(26, 14)),
    "9:30": (at(25, 9, 30), at(26, 9, 30), at(26, 9, 30)),
    "00:40": (at(26, 0, 40),) * 3,
    "23:50:00": (at(25, 23, 50), at(25, 23, 50), at(26, 23, 50)),
    "14:00+02:00": (at(25, 12), at(26, 12), at(26, 12)),
    "01:00+0200": (at(25, 23), at(25, 23), at(26, 23)),
    "23:00-02:00": (at(25, 1), at(26, 1), at(26, 1)),
    "today": THREE,
    "2026-11-26": THREE,
    "yesterday": (END_OF_YESTERDAY,) * 3,
    "2026-11-25": (END_OF_YESTERDAY,) * 3,
    "today 14:00": (None, None, at(26, 14)),
    "Today  0:30": (at(26, 0, 30),) * 3,
    "yesterday 14:00": (at(25, 14),) * 3,
    "2h ago": (at(25, 22, 40), at(26, 11), at(26, 21, 50)),
    "02:10 UTC": (at(25, 2, 10), at(26, 2, 10), at(26, 2, 10)),
    "yesterday at 14:00": (at(25, 14), at(25, 14), at(25, 14)),
    "2026-11-23 14:00 UTC": (at(23, 14), at(23, 14), at(23, 14)),
    "2 hours ago": (at(25, 22, 40), at(26, 11), at(26, 21, 50)),
    "1d2h": (at(24, 22, 40), at(25, 11), at(25, 21, 50)),
    "3w": (at(5, 0, 40), at(5, 13), at(5, 23, 50)),
    "90 min": (at(25, 23, 10), at(26, 11, 30), at(26, 22, 20)),
    "90min": (at(25, 23, 10), at(26, 11, 30), at(26, 22, 20)),
    "1 day 2 hours ago": (at(24, 22, 40), at(25, 11), at(25, 21, 50)),
    "2026-11-25T14:00Z": (at(25, 14),) * 3,
    "2026-11-25 14:00": (at(25, 14),) * 3,
    "2026-11-25T23:30-01:00": (at(26, 0, 30),) * 3,
    "now": THREE,
    "2026-11-26T13:00Z": (None, at(26, 13), at(26, 13)),
    "2026-11-27": (None,) * 3,
    "tomorrow": (None,) * 3,
    "14": (Number(14),) * 3,  # type: ignore[dict-item]
    "25:00": (None,) * 3,
    "14.00": (None,) * 3,
    "2pm": (at(25, 14), at(25, 14), at(26, 14)),
    "2:30 PM": (at(25, 14, 30), at(25, 14, 30), at(26, 14, 30)),
    "12am": (at(26),) * 3,
    "yesterday at 2 pm": (at(25, 14),) * 3,
    "14:00 yesterday": (at(25, 14),) * 3,
    "monday": (at(24, 0, 0, 1),) * 3,
    "Monday 2pm": (at(23, 14),) * 3,
    "thursday": THREE,
    "1.5h ago": (at(25, 23, 10), at(26, 11, 30), at(26, 22, 20)),
    "an hour ago": (at(25, 23, 40), at(26, 12), at(26, 22, 50)),
    "13pm": (None,) * 3,
    "0am": (None,) * 3,
}
"""A text, and what it means at 00:40Z, 13:00Z and 23:50Z of a day; None: it is refused."""
STARTS = {
    "today": at(26),
    "2026-11-26": at(26),
    "yesterday": at(25),
    "2026-11-25": at(25),
    "monday": at(23),
    "thursday": at(26),
}
"""What is another moment after ``--from`` and ``--since``."""


@pytest.mark.parametrize("text", TWENTY_WAYS)
@pytest.mark.parametrize("place", range(3), ids=["00:40Z", "13:00Z", "23:50Z"])
def test_each_way_to_say_a_time_means_what_it_says_at_any_time_of_day(
    text: str, place: int
) -> None:
    now, expected = THREE[place].moment, TWENTY_WAYS[text][place]
    for day_ends in (True, False):
        meant = expected if day_ends else STARTS.get(text, expected)
        if meant is None:
            with pytest.raises(UsageError) as caught:
                parse_selector(text, now, day_ends=day_ends)
            assert f"It is {format_utc(now)} now" in caught.value.hint.replace(": it", ". It")
        else:
            assert parse_selector(text, now, day_ends=day_ends) == meant


@pytest.mark.parametrize("text", ["14:00", "today", "2026-11-23", "2h ago", "now", "soon"])
def test_what_cannot_be_undone_takes_a_date_with_a_time_only(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        full_moment(text, NOW)
    assert f"It is {format_utc(NOW)} now." in caught.value.hint
    offered = re.search(r"Write it whole: (\S+)\.", caught.value.hint)
    assert offered
    assert full_moment(offered[1], NOW)
    assert full_moment("2026-11-23 14:00", NOW) == datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("restore +1 555 123 0001", ["restore", "+1 555 123 0001"]),
        ("note +49 30 901820 -m x", ["note", "+49 30 901820", "-m", "x"]),
        ("mark +1 555-123-0001 good", ["mark", "+1 555-123-0001", "good"]),
        ("show +1 555 123 0001@r1 2", ["show", "+1 555 123 0001@r1", "2"]),
        ("diff +15551230001 3 4", ["diff", "+15551230001", "3", "4"]),
        (
            "record +1 555 123 0001 +1 555 123 0002 did_3",
            ["record", "+1 555 123 0001", "+1 555 123 0002", "did_3"],
        ),
        ("list +1 555", ["list", "+1", "555"]),
        ("log -n 5 15551230001", ["log", "-n", "5", "15551230001"]),
    ],
)
def test_a_number_that_nobody_quoted_is_one_word(typed: str, words: list[str]) -> None:
    assert join_numbers(typed.split()) == words


@pytest.mark.parametrize(("text", "selector"), FORMS_READ, ids=[text for text, _ in FORMS_READ])
def test_each_form_is_read_as_it_is_meant(text: str, selector: Selector) -> None:
    assert parse_selector(text, NOW) == selector


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Latest",
            "latest~",
            "latest~-1",
            "latest~1x",
            "r",
            "r-1",
            "-1",
            "3.0",
            "٣",
            "previous~1",
        ),
        *("2h before", "h", "2y", "-2h", "999999w", "tomorrow", "2026-13-01", "2026-11-23T25:00"),
        *("2026-11-23T14:00Z ago", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "24:60"),
        *("2h2h", "2h 1d", "ago", "yesterday ago", "14:00 ago", "14.00"),
    ],
)
def test_what_is_no_form_is_an_error_of_usage_that_names_the_forms(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_selector(text, NOW)
    assert caught.value.code == "bad_selector"
    assert repr(text) in caught.value.message
    assert FORMS in caught.value.hint


def test_a_moment_may_lie_ahead_as_far_as_clocks_differ_and_no_farther() -> None:
    ahead = NOW + timedelta(minutes=5)
    assert parse_selector(rfc3339(ahead), NOW) == At(ahead)
    with pytest.raises(UsageError, match="is yet to come"):
        parse_selector(rfc3339(ahead + timedelta(microseconds=1)), NOW)


@pytest.mark.parametrize("form", ["latest", "previous", "good", "r3", "latest~2", "tag:", "2h ago"])
def test_the_forms_named_in_an_error_are_forms(form: str) -> None:
    assert form in FORMS
    parse_selector(form.replace("tag:", "tag:NAME"), NOW)


@given(st.text(st.characters()) | st.text("latesprviougd~r0123456789:-TZh "))
def test_any_text_is_a_selector_or_an_error_of_usage(text: str) -> None:
    with suppress(UsageError):
        parse_selector(text, NOW)


@pytest.mark.parametrize("name", ["", "a b", "é", "a:before", "a:after", "a\n", "x" * 201, "a:b"])
def test_a_new_tag_is_made_of_the_documented_characters(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a tag") as caught:
        tag_name(name)
    assert "A-Z a-z 0-9 . _ / -" in caught.value.hint


@pytest.mark.parametrize("name", ["", "a b", "a:b", ":before", "a:before:after", "a:Before"])
def test_only_what_deploy_adds_may_stand_behind_a_tags_colon(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a tag"):
        parse_selector(f"tag:{name}", NOW)
    assert existing_tag_name("a:after") == "a:after"
    assert tag_name("Aa0._/-") == "Aa0._/-"


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_the_same_at_whatever_offset_it_is_told(moment: datetime, minutes: int) -> None:
    told = moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    assert parse_moment(told, NOW) == moment
    assert parse_moment(rfc3339(moment), NOW) == moment
    assert parse_moment(moment.replace(tzinfo=None).isoformat(), NOW) == moment


@given(MOMENTS)
def test_a_moment_in_the_database_is_exact_to_the_microsecond(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment
    whole = moment.replace(microsecond=0)
    assert to_micros(moment) == int(whole.timestamp()) * 1_000_000 + moment.microsecond


def test_a_moment_is_printed_in_utc() -> None:
    moment = datetime(2026, 11, 23, 1, 2, 3, 4, timezone(2 * HOUR))
    assert rfc3339(moment) == "2026-11-22T23:02:03.000004Z"
    assert format_utc(moment) == "2026-11-22 23:02:03Z"


def test_a_year_has_four_digits() -> None:
    assert rfc3339(datetime(999, 1, 1, tzinfo=UTC)) == "0999-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        *((0, "under a second"), (0.9, "under a second"), (8, "8 s"), (720, "12 min")),
        *((3 * 86400 + 4 * 3600 + 59, "3 d 4 h"), (86400 + 5, "1 d 5 s"), (7199, "1 h 59 min")),
    ],
)
def test_a_length_of_time_is_told_in_two_units(seconds: float, shown: str) -> None:
    assert format_duration(seconds) == shown


@pytest.mark.parametrize(
    ("routings", "selector", "revision"),
    [
        *(("a", "latest", 1), ("abc", "latest", 3), ("abc", "latest~2", 1)),
        *(("abc", "2", 2), ("abc", "r3", 3)),
        *(("ab", "previous", 1), ("aabb", "previous", 2), ("abab", "previous", 3)),
    ],
)
def test_a_word_means_one_revision(routings: str, selector: str, revision: int) -> None:
    assert named(selector, log(routings)) == revision


@given(st.text("abc", min_size=1, max_size=8))
def test_previous_is_the_newest_revision_of_another_routing(routings: str) -> None:
    others = [place for place, one in enumerate(routings, 1) if one != routings[-1]]
    if others:
        assert named("previous", log(routings)) == others[-1]
    else:
        with pytest.raises(NothingError, match="only one routing"):
            named("previous", log(routings))


@pytest.mark.parametrize(
    ("verdicts", "anywhere", "elsewhere"),
    [
        ([("good", 1)], 4, 4),
        ([("good", 2)], 2, 2),
        ([("good", 5)], 5, None),
        ([("good", 1), ("good", 2)], 4, 4),
        ([("good", 2), ("bad", 2), ("good", 5)], 5, None),
        ([("bad", 2), ("good", 2)], 2, 2),
        ([("good", 2), ("retired", 2)], 2, 2),
    ],
)
def test_good_is_the_newest_revision_of_a_routing_judged_good(
    verdicts: list[tuple[VerdictKind, int]], anywhere: int, elsewhere: int | None
) -> None:
    history = judged(log("abaac"), *verdicts)
    assert named("good", history) == anywhere

    def other() -> int:
        return resolve(Word.GOOD, history, Tags(), other_than_current=True).revision.revision

    if elsewhere:
        assert other() == elsewhere
    else:
        with pytest.raises(NothingError, match="is judged good"):
            other()


def test_a_roll_back_ends_what_good_meant() -> None:
    back = Confirmation(1, 3, 1, NOW + timedelta(days=2))
    with pytest.raises(NothingError):
        named("good", replace(judged(log("aba"), ("good", 2)), confirmations=(back,)))


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=8).map(sorted),
    st.integers(-1, 10),
)
def test_a_moment_means_the_highest_revision_first_seen_by_then(
    hours: list[int], moment: int
) -> None:
    seen = zip(log("a" * len(hours)).revisions, hours, strict=True)
    history = History(
        did="did_1",
        revisions=tuple(replace(one, first_seen_at=FIRST + hour * HOUR) for one, hour in seen),
    )
    found = revision_at(history, FIRST + moment * HOUR, Tags())
    by_then = [place for place, hour in enumerate(hours, 1) if hour <= moment]
    assert (found and found.revision) == (by_then[-1] if by_then else None)


def test_the_instant_of_the_first_look_counts_and_the_one_before_does_not() -> None:
    history = log("ab")
    assert named(rfc3339(FIRST + HOUR), history) == 2
    assert named(rfc3339(FIRST + HOUR - timedelta(microseconds=1)), history) == 1
    with pytest.raises(NothingError, match="2026-11-22 15:29:59Z"):
        named(rfc3339(FIRST - timedelta(microseconds=1)), history)


def selected(tag: str, tags: Tags) -> tuple[int, bool]:
    """The revision that a tag selects, and whether its capture had not read the DID."""
    selected = resolve(Tagged(tag), log("abc"), tags)
    return selected.revision.revision, selected.seen_then.not_read


def test_a_captures_tag_means_the_revision_that_it_read() -> None:
    tag = Tag("v1", FIRST + 2 * HOUR, "olga", capture=7)
    tags = Tags({"v1": tag}, {(7, "did_1"): 1, (7, "did_2"): 3})
    assert selected("v1", tags) == (1, False)


def test_a_did_that_the_capture_did_not_read_is_taken_as_it_stood_then_and_flagged() -> None:
    tags = Tags({"v1": Tag("v1", FIRST + HOUR, "olga", capture=7)}, {(7, "did_2"): 3})
    assert selected("v1", tags) == (2, True)


def test_a_moments_tag_means_what_stood_then_unflagged() -> None:
    tags = Tags({"v1": Tag("v1", FIRST + HOUR, "olga")})
    assert selected("v1", tags) == (2, False)


def nothing(selector: str, tags: Tags | None = None) -> NothingError:
    with pytest.raises(NothingError) as caught:
        named(selector, log("aaa"), tags)
    assert caught.value.exit_code == 5
    return caught.value


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        *(("4", "r4"), ("r0", "r0"), ("latest~3", "latest~3"), ("previous", "only one routing")),
        *(("2026-11-01", "2026-11-01 23:59:59Z"), ("good", "judged good")),
    ],
)
def test_a_revision_that_is_not_there_is_an_error_that_names_those_that_are(
    selector: str, wanted: str
) -> None:
    error = nothing(selector)
    assert error.code == "unknown_revision"
    assert wanted in error.message
    assert error.hint.startswith("It has r1 to r3, first seen 2026-11-22 15:30:00Z.")


def test_a_tag_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    known = {name: Tag(name, FIRST, "olga") for name in ("v1", "v2:after")}
    error = nothing("tag:v3", Tags(known))
    assert (error.code, error.hint) == (
        "unknown_tag",
        "There are: v1, v2:after. To list them with their times: changelog tag",
    )
    assert nothing("tag:v3").hint == "No tag is recorded yet."


def test_a_tag_from_before_the_did_was_seen_names_no_revision_of_it() -> None:
    error = nothing("tag:v1", Tags({"v1": Tag("v1", FIRST - HOUR, "olga", capture=7)}))
    assert error.code == "unknown_revision"
    assert "tag:v1" in error.message


def test_live_names_no_revision() -> None:
    with pytest.raises(UsageError, match="works only with diff"):
        named("live", log("a"))


@pytest.mark.parametrize(
    ("read", "text", "number"),
    [
        *(
            (as_number, "+1 555-123 0001", "+15551230001"),
            (as_number, "15551230001", "15551230001"),
            (as_number, "+1 (555) 123-0001", "+15551230001"),
            (as_number, "+1.555.123.0001", "+15551230001"),
            (as_number, "+1 555\u2011123\u20130001", "+15551230001"),
            (as_number, "+1/555/123/0001", "+15551230001"),
            (as_number, "tel:+1-555-123-0001", "+15551230001"),
            (as_number, "TEL: +1-555-123-0001;ext=7", "+15551230001"),
            (as_number, "001 555 123 0001", "+15551230001"),
            (as_number, "\u00a0+1\u202f555 123 0001\u00a0", "+15551230001"),
            (as_number, "\u202d+15551230001\u202c", "+15551230001"),
            (as_number, "+44 (0)20 7946 0123", None),
            *(
                (as_number, f"+1 555 123 0001{extension}", "+15551230001")
                for extension in (" x9", "x9", " ext 7", " ext. 7", ", extension 12", " EXT7")
            ),
            (as_number, "callto:+15551230001", "+15551230001"),
            (as_number, "<+1 555 123 0001>,", "+15551230001"),
            (as_number, "\u201c+15551230001\u201d", "+15551230001"),
            (as_number, "+1\u2212555\u2212123\u22120001", "+15551230001"),
            (as_number, "\uff0b\uff11 \uff15\uff15\uff15 123 0001", "+15551230001"),
            (as_number, "+1 555 123 0001 9x", None),
            (as_number, "did_123 x9", None),
            (as_number, "1+5551230001", None),
            (as_number, "num-555.12345", None),
        ),
        *(
            (as_number, "did_123", None),
            (as_number, "+1234", None),
            (as_number, "++15551230001", None),
        ),
        *(
            (as_e164, "15551230001", None),
            (as_e164, "did_1", None),
            (as_e164, " +1555 1230001", "+15551230001"),
        ),
        *((as_number, "+١٢٣٤٥٦", None), (as_number, "", None), (as_number, "+", None)),
    ],
)
def test_a_number_is_known_with_spaces_and_dashes_in_it(
    read: Callable[[str], str | None], text: str, number: str | None
) -> None:
    assert read(text) == number


@pytest.mark.parametrize(
    ("typed", "joined"),
    [
        ("restore d --to yesterday 14:00", ["restore", "d", "--to", "yesterday 14:00"]),
        ("restore --to 2 hours ago d", ["restore", "--to", "2 hours ago", "d"]),
        ("list --at=2026-11-27 14:00 UTC", ["list", "--at=2026-11-27 14:00 UTC"]),
        ("mark d@yesterday at 14:00 bad", ["mark", "d@yesterday at 14:00", "bad"]),
        ("note d@2h ago", ["note", "d@2h ago"]),
        ("note d@monday 2 pm", ["note", "d@monday 2 pm"]),
        ("log --since 14:00 yesterday d", ["log", "--since", "14:00 yesterday", "d"]),
        ("log --since 2h d", ["log", "--since", "2h", "d"]),
        ("restore d --to 2 days", ["restore", "d", "--to", "2 days"]),
        ("diff d --from r1 --to r2 ago", ["diff", "d", "--from", "r1", "--to", "r2", "ago"]),
        ("note d -m yesterday 14:00", ["note", "d", "-m", "yesterday 14:00"]),
        ("restore d 2 hours ago", ["restore", "d", "2 hours ago"]),
        ("mark d an hour ago bad", ["mark", "d", "an hour ago", "bad"]),
        ("restore d --to 14:00", ["restore", "d", "--to", "14:00"]),
        ("restore d_2 days 2", ["restore", "d_2", "days", "2"]),
        ("record d 14:00", ["record", "d", "14:00"]),
        ("list --at", ["list", "--at"]),
    ],
)
def test_a_time_that_nobody_quoted_is_one_word(typed: str, joined: list[str]) -> None:
    assert join_words(typed.split()) == joined
