"""Marks by rule or by person, appended."""
