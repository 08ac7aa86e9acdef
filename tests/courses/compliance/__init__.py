"""Tests of courses.compliance."""
