"""The ledger of the sources: 281 items, each with one home; those of written chapters are delivered."""
from __future__ import annotations

from collections import Counter

import reading
from chapters.conftest import SOURCES


def test_the_ledger_is_whole():
    homes = reading.ledger_homes()
    assert len(homes) == 281
    assert set(homes.values()) == {entry["chapter"] for entry in reading.contents()}


def test_count_of_delivered_items(record_property):
    homes = reading.ledger_homes()
    delivered = {item for path in SOURCES for item in reading.read_chapter(path).ledger}
    written = {path.stem[:2] for path in SOURCES}
    due = Counter(home for home in homes.values() if home in written)
    record_property("delivered", f"{len(delivered)} of {len(homes)}")
    print(f"delivered: {len(delivered)} of {len(homes)} ledger items")
    assert len(delivered) >= sum(due.values())
