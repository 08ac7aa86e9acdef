"""Reminders of the yearly duty: stages by rule, each told once to each person."""
