"""Notes in `status --format json` and in `note list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from sreconsole.domain.note import Note
from sreconsole.plain.alerts_json import moment
from sreconsole.present import words

SCHEMA = "sreconsole.notes/1"


def note_object(note: Note) -> dict[str, Any]:
    """One note."""
    return {
        "id": note.id,
        "at": moment(note.at),
        "until": moment(note.until),
        "service": note.service,
        "text": note.text,
        "tags": list(note.tags),
        "by": note.by,
        "written_at": moment(note.written_at),
        "source": note.source,
    }


def notes_object(notes: Sequence[Note], missing: str | None) -> dict[str, Any]:
    """The document of `note list`; `missing`: why these are not all."""
    return {
        "schema": SCHEMA,
        "notes": [note_object(note) for note in notes],
        "missing": {} if missing is None else {"notes": missing},
    }


def note_lines(notes: Sequence[Note], zone: tzinfo) -> Iterator[str]:
    """A line a note: when, on what, what, who."""
    for note in notes:
        when = words.moment(note.at, zone)
        until = "" if note.until is None else f" until {words.moment(note.until, zone)}"
        tags = "".join(f" #{tag}" for tag in note.tags)
        yield f"{when}{until}  {note.service or 'all services'}: {note.text}{tags} ({note.by})"
