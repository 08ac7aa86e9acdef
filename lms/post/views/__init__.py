"""Pages of the post room, by who acts."""
