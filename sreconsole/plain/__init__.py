"""The front end without a screen: text, JSON, exit codes. Never imports Textual."""
