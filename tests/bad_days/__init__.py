"""Bad days: everything around the console fails, one thing at a time, and a person goes on looking at it.

Each case runs the installed program on a real terminal against real servers (`estate`), looks at the screen and at the
process (`person`), and leaves a row of docs/reliability.md (`cases`).
"""
