"""Textual's driver, for a program that is stopped and goes on without having been asked.

On SIGCONT Textual takes the terminal anew, which is right after ctrl+z and its like: they gave it back first. SIGSTOP,
a debugger or a frozen container give nothing back: a second thread would then read the keys beside the first one, the
program could not end any more and the terminal would stay raw.
"""

from __future__ import annotations

from functools import partial

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.widgets import Input

from sreconsole.tui import skeleton
from sreconsole.tui.escapes import EscapeParser


class ConsoleDriver(LinuxDriver):
    """Takes the terminal once, however the program was stopped."""

    def start_application_mode(self) -> None:
        """Take the terminal over from the skeleton; what it is restored to is what it was before that."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        modes = skeleton.hand_over()
        if modes is not None:
            self.attrs_before = modes

    def run_input_thread(self) -> None:
        """Read keys with our own parser; Textual has no other way to hand one over."""
        linux_driver.XTermParser = partial(EscapeParser, typing=self._typing)  # type: ignore[attr-defined, assignment]
        super().run_input_thread()

    def _typing(self) -> bool:
        return isinstance(self._app.focused, Input)

    def _sigcont_application(self, *_: object) -> None:
        """Not here: a signal comes in the middle of anything, also of a write that holds a lock."""
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._take_again)

    def _take_again(self) -> None:
        """Take the terminal, after giving back what is still held; whatever stands on it now is drawn over."""
        if self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        self.resume_application_mode()
        self._app.refresh(layout=True)
