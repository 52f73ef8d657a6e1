"""Full views that open like a key: mounted, styled and laid out once, filled anew at each opening.

A screen that is pushed for the first time is registered, composed, styled, laid out and drawn at several of these
steps, and when it is left it is taken apart again: ten times what a key costs. A kept one is only brought to the front
and drawn once. To make such a view: a `ConsoleScreen` made from nothing but the session, with a method that says what
it shows (it sets values; `take` follows when the screen is in front), and in a panel

    view = self.views.of(DetailScreen)
    view.turn_to(key)
    return view  # to be pushed; dismissed as any other

`prepare` mounts one beforehand, when nobody types; it has nothing to show then. `foresee`
fills it with what the cursor rests on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sreconsole.tui.app import ConsoleApp
    from sreconsole.tui.screens.base import ConsoleScreen

V = TypeVar("V", bound="ConsoleScreen")


class Views:
    """One screen of each kind that is kept."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app
        self._kept: dict[type[ConsoleScreen], ConsoleScreen] = {}

    def __contains__(self, screen: object) -> bool:
        return any(screen is kept for kept in self._kept.values())

    def of(self, kind: type[V]) -> V:
        """The view of this kind; one that is open already is left alone, and another made."""
        kept = self._kept.get(kind)
        if isinstance(kept, kind) and kept not in self._app.screen_stack:
            return kept
        made = kind(self._app.session)
        if kept is None:
            self._kept[kind] = made
            self._app.install_screen(made, f"view {kind.__name__}")
        return made

    async def prepare(self, kind: type[ConsoleScreen]) -> None:
        """Mount the view of this kind and lay it out, unseen."""
        view = self.of(kind)
        if not view.is_running:
            _, mounted = self._app._get_screen(view)
            await mounted
            view._refresh_layout(self._app.size)

    def foresee(self, kind: type[V], turn: Callable[[V], None]) -> None:
        """Turn the view of this kind to what may be opened next, and fill it, if it is there and unseen."""
        view = self._kept.get(kind)
        if isinstance(view, kind) and view.is_running and view not in self._app.screen_stack:
            turn(view)
            view.take()

    def restyle(self) -> None:
        """Another theme is on."""
        for view in self._kept.values():
            if view.is_running:
                view.restyle()
