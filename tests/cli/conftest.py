"""What the commands say is tested on SQLite at each push, and on PostgreSQL each night.

Queries and views have tests of their own on both (`tests/store`), and so has each command
(`tests/faults/test_postgres_same_answers.py`).
"""

from pathlib import Path

import pytest

ON_BOTH = ("test_hostile_values.py", "test_many_recorders.py", "test_list.py", "test_log.py")
"""Files of promises about the database itself."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        of_commands = item.path.parent == Path(__file__).parent and item.path.name not in ON_BOTH
        if of_commands and isinstance(item, pytest.Function) and _is_on_postgres(item):
            item.add_marker(pytest.mark.slow)


def _is_on_postgres(item: pytest.Function) -> bool:
    return hasattr(item, "callspec") and "postgres" in item.callspec.params.values()
