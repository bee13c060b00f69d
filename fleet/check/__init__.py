"""Judges: a recorded run against the rules.  They share no code with the players."""
