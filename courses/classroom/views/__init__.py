"""Pages of courses.classroom, by who acts."""
