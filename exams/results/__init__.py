"""Results, superseded but never edited."""
