"""What a card may claim of its destination: from which look to which it was seen to be so."""

import json
from datetime import datetime, timedelta
from functools import partial

import pytest

from changelog.model.history import DestinationSource, History
from changelog.model.restore_rule import restoration
from changelog.model.results.restore import RestoreCard
from changelog.model.routing import Routing
from tests.model.revisions import START, revision

URL = "https://a.example/x"


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def card_of(
    *seen: tuple[str | None, DestinationSource | None, int, int],
    mode: str = "webhook",
    application: str | None = "app_a",
    read: int | None = None,
) -> RestoreCard:
    """A card of one stay: for each revision its destination, the source, its first and its last
    look. `read`: when the applications were read last. A body holds its destination, but for what
    was carried on from the one before."""
    revisions = tuple(
        revision(
            number,
            Routing(application, mode, destination),
            at(first),
            last_seen_at=at(last),
            destination_source=source,
            read_body=partial(json.dumps, {"sip_uri": URL} if number == 1 else {}),
        )
        for number, (destination, source, first, last) in enumerate(seen, start=1)
    )
    history = History(
        did="did_1",
        revisions=revisions,
        find_destination_read=lambda _first, _last: None if read is None else at(read),
    )
    return RestoreCard(
        requested="did_1",
        did="did_1",
        history=history,
        decision=restoration(history),
    )


@pytest.mark.parametrize(
    ("card", "seen", "unread"),
    [
        (card_of((URL, "fetched", 0, 9), read=9), (0, 9), False),
        (card_of((URL, "fetched", 0, 9), read=4), (0, 4), True),
        # Nothing says that it was read after the look that brought it.
        (card_of((URL, "fetched", 0, 9)), (0, 0), True),
        (card_of((URL, "fetched", 0, 0)), (0, 0), False),
        # Learned within the stay: before that it was not known.
        (card_of((None, None, 0, 5), (URL, "fetched", 9, 9), read=9), (9, 9), False),
        (card_of((None, None, 0, 5), (URL, "fetched", 6, 9), read=7), (6, 7), True),
        # Another field changed meanwhile.
        (card_of((URL, "fetched", 0, 5), (URL, "fetched", 6, 9), read=9), (0, 9), False),
        (card_of((None, None, 0, 9)), None, True),
        # It was read that the application has none.
        (card_of((None, None, 0, 9), read=9), (0, 9), False),
        (card_of((None, None, 0, 9), read=4), (0, 4), True),
        (card_of((URL, "stated", 0, 9)), None, True),
        (card_of((URL, "body", 0, 9), mode="sip"), (0, 9), False),
        # The body does not hold it any more: it was carried on.
        (card_of((URL, "body", 0, 5), (URL, "body", 6, 9), mode="sip"), (0, 5), True),
        (card_of((None, None, 0, 9), mode="sip"), None, True),
        (card_of((None, None, 0, 9), mode="reject"), (0, 9), False),
        (card_of((None, None, 0, 9), application=None), (0, 9), False),
    ],
)
def test_a_destination_was_seen_from_one_look_to_another(
    card: RestoreCard, seen: tuple[int, int] | None, unread: bool
) -> None:
    assert card.destination_seen == (seen and (at(seen[0]), at(seen[1])))
    assert card.is_destination_unread is unread
