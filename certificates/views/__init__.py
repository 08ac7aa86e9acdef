"""Pages, by who acts: holder, anybody, staff."""
