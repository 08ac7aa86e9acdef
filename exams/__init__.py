"""Questions, papers, sittings, marking and results."""
