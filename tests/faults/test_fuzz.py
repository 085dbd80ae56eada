"""Every input that was kept, and some that nobody thought of: nothing from outside breaks it."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog.store.location import Location
from tests.fuzz import runs, values
from tests.fuzz.scene import NASTY, Scene, kept, scene_at
from tests.program import url_of

INPUTS = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.sampled_from(NASTY).map(lambda text: text.encode("utf-8", "surrogatepass")),
    ),
    max_size=6,
).map(b"".join)


@pytest.mark.parametrize("target", [values.body, values.words, values.files])
def test_no_value_breaks_what_holds(target: Callable[[bytes], None]) -> None:
    for data in kept(target.__name__):
        target(data)
    settings(max_examples=150, deadline=None)(given(data=INPUTS)(target))()


@pytest.mark.parametrize("target", [runs.command_line, runs.served, runs.imported])
def test_no_kept_input_breaks_the_program_on_either_database(
    target: Callable[[Scene, bytes], None], location: Location
) -> None:
    with scene_at(url_of(location)) as stage:
        for data in kept(target.__name__):
            target(stage, data)
