"""Numbers: pools handed out by an authority, and what became of every number."""
