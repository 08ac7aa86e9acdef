"""Pages of the question bank, split by what is done there."""
