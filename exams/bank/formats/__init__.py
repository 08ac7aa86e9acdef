"""File formats of questions: each reads into items and faults, and most can be written."""
