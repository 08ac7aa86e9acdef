"""Many certificates at once: planned, shown line by line, then run in chunks."""
