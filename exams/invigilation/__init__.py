"""Watching over a room: the wall, and what an invigilator may do."""
