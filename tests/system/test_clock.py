"""What a machine remembers of how far its clock is off."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from changelog.system.clock import RememberedOffset

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NONE = timedelta()


class Machine:
    """A machine that runs, and whose clock somebody may set."""

    def __init__(self, state: Path) -> None:
        self.now = NOW
        self.running = timedelta(days=3)
        environ = {"XDG_STATE_HOME": str(state)}
        self.remembered = RememberedOffset(environ, lambda: self.running.total_seconds())

    def run(self, time: timedelta) -> None:
        self.now += time
        self.running += time

    def recall(self) -> timedelta:
        return self.remembered.recall(self.now)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.remembered.store(-HOUR, made.now)
    return made


def test_what_was_measured_holds_for_an_hour(machine: Machine) -> None:
    machine.run(HOUR)
    assert machine.recall() == -HOUR
    machine.run(timedelta(seconds=1))
    assert machine.recall() == NONE


@pytest.mark.parametrize("step", [timedelta(minutes=10), timedelta(minutes=-10), -HOUR])
def test_a_clock_that_was_set_makes_it_void(step: timedelta, machine: Machine) -> None:
    machine.run(timedelta(minutes=20))
    machine.now += step
    assert machine.recall() == NONE


def test_so_does_a_start_of_the_machine(machine: Machine) -> None:
    machine.run(timedelta(minutes=1))
    machine.running = NONE
    assert machine.recall() == NONE


def test_a_clock_that_is_right_leaves_no_file(machine: Machine, tmp_path: Path) -> None:
    machine.remembered.store(NONE, machine.now)
    assert machine.recall() == NONE
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_a_folder_to_write_to_nothing_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "changelog").write_text("in the way")
    machine = Machine(tmp_path)
    machine.remembered.store(HOUR, machine.now)
    assert machine.recall() == NONE
