"""The README says what the checks check"""

import pytest

from selftests.conftest import E2E
from tests.test_every_ending import ROWS, Row


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_the_table_of_endings_is_the_declared_one(row: Row) -> None:
    lines = (E2E.parent / "README.md").read_text().splitlines()
    said = next(line for line in lines if line.startswith(f"| {row.name}"))
    elsewhere = f" (Firefox: {row.aged_elsewhere})" if row.aged_elsewhere else ""
    assert said.replace("*", "").endswith(f" | {row.session} | {row.aged}{elsewhere} |")
