"""The least a Textual program can be, an App with one Static: the baseline of the first frame."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class MinimalApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("minimal ready")


if __name__ == "__main__":
    MinimalApp().run()
