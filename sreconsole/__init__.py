"""sreconsole: a terminal console for on-call engineers. Importing this package must stay free."""

__version__ = "0.1.0"
