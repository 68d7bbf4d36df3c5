"""What the tests of reports share: empty records in memory."""

from collections.abc import Iterator

import pytest
from peewee import SqliteDatabase

from appliance.records import models as t


@pytest.fixture(autouse=True)
def database() -> Iterator[SqliteDatabase]:
    fresh = SqliteDatabase(":memory:")
    t.database.initialize(fresh)
    fresh.create_tables(t.TABLES)
    yield fresh
    fresh.close()
