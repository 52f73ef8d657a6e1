"""Text in, trusted values out."""
