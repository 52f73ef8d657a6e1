"""The table of the whole file. Keys are read in this order, whatever order they are written in."""

from __future__ import annotations

from typing import Final

from sreconsole.config.block import Block
from sreconsole.config.key import Fields, defaulted, optional, required
from sreconsole.config.kinds import Choice, Flag, Parsed, Text, words
from sreconsole.config.model import Config, Deploys, Journal, Oncall, Severities, Silences, Toil
from sreconsole.config.records import DEPLOYS, JOURNAL
from sreconsole.config.services import FLEETS, SERVICES
from sreconsole.config.sources import SOURCES
from sreconsole.config.team import ONCALL, SEVERITIES, SILENCES, TOIL
from sreconsole.config.texts import THEME_NAME, Zone
from sreconsole.config.units import duration
from sreconsole.config.windows import AlertWindows

VERSION = required("version", Choice({"1": 1}, schema={"enum": [1, "1"]}), "Version of this format: 1")
ENVIRONMENT = defaulted("environment", Text("a name", empty=True), "In the header; picks the accent colour", "")
REFRESH = defaulted("refresh", duration(1, 3600), "How often sources are asked", 15.0)
TIMEZONE = defaulted("timezone", Zone(), "Zone of shifts, calendar windows and times you type", "UTC")
AUTHOR = optional("author", Text("a name"), "Who you are; else $SRECONSOLE_USER, $SUDO_USER, $USER@host")
READ_ONLY = defaulted("read_only", Flag(), "Refuse every action that changes something", False)
THEME = defaulted("theme", Parsed("the name of a theme", str, THEME_NAME.pattern), "Theme by name", "dark")
GLYPHS = defaulted("glyphs", words("auto", "unicode", "ascii"), "Which characters the terminal can show", "auto")
MOUSE = defaulted("mouse", words("auto", "on", "off"), "auto: off over SSH", "auto")
SOURCES_KEY = required("sources", SOURCES, "What is read, by name")
SEVERITIES_KEY = defaulted("severities", SEVERITIES, "Which alerts page", Severities())
SILENCES_KEY = defaulted("silences", SILENCES, "Rules for silencing", Silences())
ONCALL_KEY = defaulted("oncall", ONCALL, "Shifts and pages", Oncall())
TOIL_KEY = defaulted("toil", TOIL, "Capacity and what is counted against it", Toil())
DEPLOYS_KEY = defaulted("deploys", DEPLOYS, "Where deploys are seen and which count", Deploys())
JOURNAL_KEY = defaulted("journal", JOURNAL, "Where actions and notes are kept", Journal())
ALERT_WINDOWS = defaulted("alert_windows", AlertWindows(), "Alert window pairs by SLO window, as 30d or month", {})
SERVICES_KEY = defaulted("services", SERVICES, "Services by name", {})
FLEETS_KEY = defaulted("fleets", FLEETS, "One definition for many services", ())


def _config(fields: Fields) -> Config:
    return Config(
        path=fields.reader.path,
        environment=fields[ENVIRONMENT],
        refresh=fields[REFRESH],
        timezone=fields[TIMEZONE],
        author=fields[AUTHOR],
        read_only=fields[READ_ONLY],
        theme=fields[THEME],
        glyphs=fields[GLYPHS],
        mouse=fields[MOUSE],
        sources=fields[SOURCES_KEY],
        severities=fields[SEVERITIES_KEY],
        silences=fields[SILENCES_KEY],
        oncall=fields[ONCALL_KEY],
        toil=fields[TOIL_KEY],
        deploys=fields[DEPLOYS_KEY],
        journal=fields[JOURNAL_KEY],
        alert_windows=fields[ALERT_WINDOWS],
        services=tuple(fields[SERVICES_KEY].values()),
        fleets=fields[FLEETS_KEY],
    )


ROOT_BLOCK: Final = Block(
    "config",
    (
        VERSION,
        ENVIRONMENT,
        REFRESH,
        TIMEZONE,
        AUTHOR,
        READ_ONLY,
        THEME,
        GLYPHS,
        MOUSE,
        SOURCES_KEY,
        SEVERITIES_KEY,
        SILENCES_KEY,
        ONCALL_KEY,
        TOIL_KEY,
        DEPLOYS_KEY,
        JOURNAL_KEY,
        ALERT_WINDOWS,
        SERVICES_KEY,
        FLEETS_KEY,
    ),
    _config,
    any_of=(("services", "fleets"),),
)
