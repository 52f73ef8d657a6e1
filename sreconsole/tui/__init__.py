"""The front end with a screen; the only folder that imports Textual."""
