"""Courses, enrolment, central sessions, credits and the yearly duty."""
