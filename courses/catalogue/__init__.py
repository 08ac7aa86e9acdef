"""Courses, their versions and lessons."""
