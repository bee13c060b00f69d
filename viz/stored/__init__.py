"""Recorded runs, read from their store."""
