"""Keeps the snapshot true: polls sources, fills the ledger, assesses SLOs."""
