"""Claims for hours."""
