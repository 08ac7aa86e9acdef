"""Pages of the exam rooms, split by who acts."""
