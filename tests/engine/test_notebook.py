"""What the journal tells of: notes and toil in the snapshot, and what is said where it cannot be read."""

from __future__ import annotations

from typing import Any

from sreconsole.domain.entry import Entry, EntryOutcome, Recorded
from sreconsole.domain.note import noted
from sreconsole.engine.logbook import Logbook
from sreconsole.engine.notebook import Notebook, worked
from tests.engine.journaling import ANA, MemoryJournal
from tests.engine.test_toil_board import NOW, pages, report

DAY = 86_400.0


def entry(kind: Any = "note", ago: float = 60.0, **more: Any) -> Entry:
    return Entry(f"{kind} {ago}", kind, NOW - ago, ANA, **{"text": "text", **more})


def toil(minutes: Any, ago: float = 60.0) -> Entry:
    return entry("toil", ago, facts={"minutes": minutes, "category": "tickets"})


def notebook(journal: MemoryJournal, **more: Any) -> Notebook:
    return Notebook(Logbook(lambda: journal, lambda: True), lambda: NOW, lambda: "Europe/Berlin", **more)


async def test_notes_are_told_newest_first_and_stay_the_same_object() -> None:
    journal = MemoryJournal()
    journal.write(entry(ago=7200, service="checkout", tags=("a",)))
    journal.write(entry(ago=60, since=NOW - 30 * DAY - 1))
    journal.write(entry(ago=10, since=NOW - 600, until=NOW - 300))
    book = notebook(journal)
    told: list[int] = []
    book.changed = lambda: told.append(len(book.notes))
    await book.flush()
    assert [(note.at, note.until, note.service) for note in book.notes] == [
        (NOW - 600, NOW - 300, None),
        (NOW - 7200, None, "checkout"),
    ]
    before = book.notes
    await book.flush()
    assert book.notes is before
    assert told == [2]
    journal.write(entry(ago=5))
    await book.flush()
    assert [note.at for note in book.notes] == [NOW - 5, NOW - 600, NOW - 7200]
    assert book.notes[1] is not None
    assert len(book.recorded) == 4


async def test_toil_of_the_journal_counts_in_its_week() -> None:
    journal = MemoryJournal()
    journal.write(toil(25))
    journal.write(toil(40.5, 10))
    book = notebook(journal)
    await book.flush()
    assert book.toil is not None
    found = await report(pages(), book.toil)
    assert found.weeks[0].measured.value == 65.5
    assert found.weeks[0].total.value == 65.5


async def test_without_a_journal_nothing_is_opened() -> None:
    def opened() -> MemoryJournal:
        raise AssertionError("nobody wrote")

    book = Notebook(Logbook(opened, lambda: False), lambda: NOW, lambda: "UTC")
    await book.flush()
    assert (book.notes, book.toil, book.notices()) == ((), None, [])


async def test_a_journal_that_cannot_be_read_is_said_and_what_was_known_stays() -> None:
    journal = MemoryJournal()
    journal.write(entry())
    book = notebook(journal)
    await book.flush()
    journal.failing = "the disk fails"
    await book.flush()
    assert book.notices() == ["the journal cannot be read: the disk fails"]
    assert len(book.notes) == 1
    journal.failing = None
    await book.flush()
    assert book.notices() == []
    journal.state = "kept here, the shared journal is away"
    await book.flush()
    assert book.notices() == [journal.state]
    await book.aclose()
    assert journal.closed


async def test_what_was_refused_is_no_note_and_what_speaks_of_later_is_not_of_the_past() -> None:
    refused = Recorded(entry(), EntryOutcome("x", "refused", NOW))
    assert noted(refused) is None
    assert noted(Recorded(toil(5), None)) is None
    assert worked(Recorded(toil("25"), None)) is None
    assert worked(Recorded(toil(float("nan")), None)) is None
    assert worked(Recorded(toil(True), None)) is None
    assert worked(Recorded(toil(25), EntryOutcome("x", "failed", NOW))) is None
    journal = MemoryJournal()
    journal.write(entry(ago=-60))
    journal.write(entry(ago=60))
    book = notebook(journal, past=True)
    await book.flush()
    assert [note.at for note in book.notes] == [NOW - 60]
