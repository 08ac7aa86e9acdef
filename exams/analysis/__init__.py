"""Item statistics; pure functions."""
