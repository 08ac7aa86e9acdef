"""Tests of courses.credits."""
