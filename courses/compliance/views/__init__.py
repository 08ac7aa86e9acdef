"""Pages of courses.compliance, by who acts."""
