"""Counts of bad and total events in closed time buckets; the only folder besides the journal that may use SQLite."""
