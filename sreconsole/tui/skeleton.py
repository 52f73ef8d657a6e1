"""The first paint: title and panel borders, drawn with the bare interpreter before anything is imported.

Loading the screen's library takes most of the start. Until it draws, the person sees where things will stand, in the
colours and places of the first frame: each cell that is drawn here is drawn the same there (tests/terminal compares
them). What cannot be known without reading the config properly is left out.

Keys typed meanwhile are neither echoed nor lost: the terminal stops echoing at once and keeps them for the screen.
What is written to standard error meanwhile is held back until there is no screen any more. `give_back` restores the
terminal as it was, whatever happens next, signals included.
"""

# Runs before the first paint: imports nothing that costs more than the paint itself.
from __future__ import annotations

import os
import sys

from sreconsole.config.glance import Glance, glance
from sreconsole.tui.depth import colour_depth, utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType
    from typing import Any, TextIO

_ENTER = "\x1b[?1049h\x1b[?25l"
_LEAVE = "\x1b[0m\x1b[?25h\x1b[?1049l"
_OPTIONS = ("--config", "--theme", "--log")
_SMALLEST = (48, 10)
"""Below this the first frame leaves things out."""
_ROOMY = 16
"""Lines below which more than two panels do not stand as usual."""
_SIDE_BY_SIDE, _RIGHT_NEEDS = 72, 64  # as in `room`, which a test holds together
_NAMES_16 = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_LEVELS = (0, 95, 135, 175, 215, 255)


class Skeleton:
    """A terminal on which the skeleton stands."""

    def __init__(self) -> None:
        self.modes: list[Any] | None = None
        """What the terminal was before."""
        self.drawn = False
        """Whether we are the ones who have to leave the alternate screen."""
        self._held: _Held | None = None
        self._before: dict[int, object] = {}

    def show(self, text: str) -> None:
        """Stop the echo and draw."""
        import termios

        try:
            self.modes = termios.tcgetattr(0)
            quiet = termios.tcgetattr(0)
            quiet[3] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(0, termios.TCSANOW, quiet)
        except termios.error:
            self.modes = None
            return
        self._catch()
        sys.stderr.flush()
        self.drawn = True
        _write(_ENTER + text)
        self._held = _Held(sys.stderr)
        sys.stderr = self._held

    def restore(self) -> None:
        """Give the terminal back; what the person typed stays in its input."""
        if self.drawn:
            self.drawn = False
            _write(_LEAVE)
        modes, self.modes = self.modes, None
        if modes is not None:
            import termios

            with _Tolerant(termios.error):  # it may be gone
                termios.tcsetattr(0, termios.TCSANOW, modes)
        self._release()
        held, self._held = self._held, None
        if held is not None:
            sys.stderr = held.real
            with _Tolerant(OSError):
                held.real.write("".join(held.texts))
                held.real.flush()

    def _release(self) -> None:
        """Leave signals to whoever comes next."""
        import _signal  # type: ignore[import-not-found]

        before, self._before = self._before, {}
        for number, handler in before.items():
            if _signal.getsignal(number) == self._ended:
                _signal.signal(number, handler)

    def _catch(self) -> None:
        # `signal` itself makes enums of its constants, which takes longer than the paint.
        import _signal

        for number in (_signal.SIGTERM, _signal.SIGHUP):
            if _signal.getsignal(number) == _signal.SIG_DFL:
                self._before[number] = _signal.signal(number, self._ended)

    def _ended(self, number: int, frame: FrameType | None) -> None:
        self.restore()
        os.kill(os.getpid(), number)


class _Held:
    """Standard error while there is a screen on it: keeps what is written for later."""

    def __init__(self, real: TextIO) -> None:
        self.real = real
        self.texts: list[str] = []

    def write(self, text: str) -> int:
        self.texts.append(text)
        return len(text)

    def flush(self) -> None:
        """Later."""

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


class _Tolerant:
    """`contextlib.suppress` without its imports."""

    def __init__(self, kind: type[BaseException]) -> None:
        self._kind = kind

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, self._kind)


_standing: Skeleton | None = None
"""The one that stands on this process's terminal."""


def begin(argv: Sequence[str], env: Mapping[str, str]) -> None:
    """Draw the skeleton if this command line opens the console on a terminal."""
    global _standing
    text = _text(argv, env)
    if text is not None:
        _standing = Skeleton()
        _standing.show(text)


def hand_over() -> list[Any] | None:
    """The screen has the terminal from here on and will leave it; returns the modes that it has to restore."""
    if _standing is None:
        return None
    _standing.drawn = False
    return _standing.modes


def give_back() -> None:
    """Restore the terminal and say what was held back; nothing to do where no skeleton was drawn."""
    global _standing
    standing, _standing = _standing, None
    if standing is not None:
        standing.restore()


def _text(argv: Sequence[str], env: Mapping[str, str]) -> str | None:
    options = _console_options(argv)
    if options is None or env.get("TERM", "") in ("", "dumb", "unknown") or not (os.isatty(0) and os.isatty(2)):
        return None
    path = _config(options.get("--config"), env)
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            seen = glance(file.read(200_000))
        columns, rows = os.get_terminal_size(2)
    except (OSError, UnicodeDecodeError):
        return None
    colours = _theme(options.get("--theme") or seen.theme, path)
    if colours is None or columns < _SMALLEST[0] or rows < _SMALLEST[1]:
        return None
    return _drawing(seen, _Ink(colours, colour_depth(env)), columns, rows, env)


def _drawing(seen: Glance, ink: _Ink, columns: int, rows: int, env: Mapping[str, str]) -> str:
    unicode = utf8(env) and env.get("TERM") != "linux" if seen.glyphs == "auto" else seen.glyphs == "unicode"
    rule, dot = ("─", "·") if unicode else ("-", "-")
    text = [ink.ground(), "\x1b[2J\x1b[1;1H", ink("foreground", bold=True), "sreconsole "]
    if seen.environment and len(seen.environment) < columns // 2:
        text += [ink(ink.accents.get(seen.environment, "accent"), bold=True), seen.environment]
    below, lines = _below(seen, ink, columns, rows, rule, "┬" if unicode else "+")
    panels = [(2, 1, "SLOs", seen.metric_sources())]
    if lines is not None:
        panels.append((rows - 2 - lines, 2, "Alerts", seen.alert_sources()))
    for line, number, name, sources in panels:
        text += [f"\x1b[{line};1H", *_title(number, name, sources, ink, columns, rule, dot)]
    return "".join([*text, *below])


def _below(seen: Glance, ink: _Ink, columns: int, rows: int, rule: str, tee: str) -> tuple[list[str], int | None]:
    """The names of panels 3 and 4, and the lines they take; None: not known, or not as usual where there is no room."""
    deploys, toil = seen.tells_deploys(), seen.toil
    if deploys is None or toil is None:
        return [], None
    shown = [(number, name) for number, name, there in ((3, "Deploys", deploys), (4, "Toil", toil)) if there]
    beside = len(shown) == 2 and columns >= _SIDE_BY_SIDE
    lines = 2 if beside else 2 * len(shown)
    if rows < (_ROOMY if shown else _SMALLEST[1]):
        return [], None
    text = []
    for place, (number, name) in enumerate(shown):
        column = 1
        if beside and place:
            column = max((columns - 1) // 2, columns - 1 - _RIGHT_NEEDS) + 1
        line = rows - 2 if beside else rows - lines + 2 * place
        text += [f"\x1b[{line};{column}H", *([ink("border"), tee] if column > 1 else [])]
        text += [ink("border"), rule, ink("accent"), f"{number} ", ink("foreground"), name]
    return text, lines


def _title(
    number: int, name: str, sources: list[str] | None, ink: _Ink, columns: int, rule: str, dot: str
) -> list[str]:
    """A panel's top line; without known sources only its name."""
    first = number == 1
    style = "accent" if first else "border"
    text = [ink(style), rule, ink("accent", bold=first), f"{number} ", ink("foreground", bold=first), name]
    if not sources:
        return text
    taken = 3 + len(name)
    for source in sources:
        text += [ink("dim"), f" {dot} ", ink("foreground"), f"{source} ", ink("unknown"), "waiting"]
        taken += 3 + len(source) + 8
    if taken + 2 > columns:
        return text[:6]
    return [*text, ink(style), " ", rule * (columns - taken - 1)]


class _Ink:
    """Escape sequences of theme tokens at one colour depth."""

    def __init__(self, colours: dict[str, tuple[str, str, str]], depth: str) -> None:
        self.accents = {key[1:]: value[0] for key, value in colours.items() if key[0] == "@"}
        self._colours, self._depth = colours, depth

    def __call__(self, token: str, *, bold: bool = False) -> str:
        bold = bold or (self._depth == "none" and token in ("page", "mark"))
        return f"\x1b[0{';1' * bold}{self._code(token, 38)}{self._code('background', 48)}m"

    def ground(self) -> str:
        """The background, for clearing the screen."""
        return f"\x1b[0{self._code('background', 48)}m"

    def _code(self, token: str, plane: int) -> str:
        rgb, c256, c16 = self._colours[token]
        if self._depth == "none":
            return ""
        if self._depth == "rgb":
            return f";{plane};2;{int(rgb[1:3], 16)};{int(rgb[3:5], 16)};{int(rgb[5:7], 16)}"
        if self._depth == "256":
            return f";{plane};5;{c256}"
        if c16 == "default":
            return f";{plane + 1}"
        bright = c16.startswith("bright_")
        return f";{plane - 8 + 60 * bright + _NAMES_16.index(c16.removeprefix('bright_'))}"


def _console_options(argv: Sequence[str]) -> dict[str, str] | None:
    """The options of a command line that opens the console; None: it does something else, or is wrong."""
    found: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _OPTIONS:
            found[name] = value if equals else next(words, "")
            if not found[name]:
                return None
        elif word != "--read-only":
            return None
    return found


def _config(explicit: str | None, env: Mapping[str, str]) -> str | None:
    """The config that `config.paths.find` will find."""
    named = explicit or env.get("SRECONSOLE_CONFIG")
    if named:
        return named
    base = env.get("XDG_CONFIG_HOME", "")
    base = base if base.startswith("/") else f"{env.get('HOME', '')}/.config"
    for path in (f"{base}/sreconsole/config.yaml", "/etc/sreconsole/config.yaml"):
        if os.path.exists(path):
            return path
    return None


def _theme(name: str | None, config: str) -> dict[str, tuple[str, str, str]] | None:
    """Colours of a theme written one token a line, as ours are; `@ENV` holds the token of an environment."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    places = (os.path.dirname(config) or ".", package, os.path.dirname(package))
    if not name or "/" in name:
        return None
    for place in places:
        try:
            with open(f"{place}/themes/{name}.yaml", encoding="utf-8") as file:
                return _colours(file.read(20_000))
        except (OSError, UnicodeDecodeError):
            continue
    return None


def _colours(text: str) -> dict[str, tuple[str, str, str]] | None:
    found: dict[str, tuple[str, str, str]] = {}
    accents = False
    for line in text.split("\n"):
        key, _, rest = line.strip().partition(":")
        if line[:1] not in (" ", ""):
            accents = key == "accents"
        elif accents and rest:
            found[f"@{key}"] = (rest.strip(), "", "")
        elif "{" in rest:
            try:
                pairs = dict(pair.split(":", 1) for pair in rest.strip(" {}").split(","))
                values = {name.strip(): value.strip(' "') for name, value in pairs.items()}
                found[key] = (values["rgb"], str(int(values["c256"])), values["c16"])
                int(found[key][0][1:7], 16)
            except (KeyError, ValueError):
                return None
    needed = ("background", "foreground", "border", "accent", "dim", "unknown")
    return found if all(token in found for token in needed) else None


def _write(text: str) -> None:
    with _Tolerant(OSError):  # the screen that comes next will say what is wrong with the terminal
        os.write(2, text.encode())
