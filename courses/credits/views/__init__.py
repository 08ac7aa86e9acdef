"""Pages of courses.credits, by who acts."""
