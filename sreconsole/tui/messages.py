"""What parts of the screen tell each other. Newer replaces older: only the newest snapshot is worth drawing."""

from __future__ import annotations

from textual.message import Message


class SnapshotChanged(Message):
    """The engine has a new snapshot; it is read when the message arrives, not carried."""

    def can_replace(self, message: Message) -> bool:
        """One pending notice is enough."""
        return isinstance(message, SnapshotChanged)


class RowMoved(Message):
    """The cursor of a panel stands on another row, or the rows around it changed."""

    def can_replace(self, message: Message) -> bool:
        """The newest place is the only one that counts."""
        return isinstance(message, RowMoved)


class RowOpened(Message):
    """A row was opened with the mouse."""


class PanelTouched(Message):
    """A panel was clicked: it wants the focus."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
