"""Questions and their frozen versions."""
