"""Every input that was kept, and some that nobody thought of, through each target of the fuzzer."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog.store.location import Location
from tests.fuzz import delivered, scene
from tests.fuzz.draw import NASTY
from tests.fuzz.inputs import PROGRAM, PURE, TARGETS, kept, line_of
from tests.program import url_of

INPUTS = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.sampled_from(NASTY).map(lambda text: text.encode("utf-8", "surrogatepass")),
    ),
    max_size=6,
).map(b"".join)


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_has_inputs_that_are_kept(target: str) -> None:
    found = kept(target)
    assert len(found) >= 4
    assert len(set(found)) == len(found)
    assert all(line_of(one).isascii() for one in found)


@pytest.mark.parametrize("target", PURE)
def test_no_kept_input_breaks_what_holds(target: str) -> None:
    run = import_module(f"tests.fuzz.{target}").run
    for one in kept(target):
        run(one)


@pytest.mark.parametrize("target", PURE)
@settings(max_examples=150, deadline=None)
@given(data=INPUTS)
def test_no_other_input_breaks_what_holds(target: str, data: bytes) -> None:
    import_module(f"tests.fuzz.{target}").run(data)


@pytest.mark.parametrize("target", PROGRAM)
def test_no_kept_input_breaks_the_program_on_either_database(
    target: str, location: Location
) -> None:
    run = import_module(f"tests.fuzz.{target}").run
    with scene.scene_at(url_of(location)):
        for one in kept(target):
            run(one)


@pytest.fixture
def listener(location: Location, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(scene.DATABASE, url_of(location))
    yield
    delivered.close()


@pytest.mark.usefixtures("listener")
def test_no_kept_delivery_breaks_the_listener_on_either_database() -> None:
    for one in kept("delivered"):
        delivered.run(one)
