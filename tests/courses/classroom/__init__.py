"""Tests of courses.classroom."""
