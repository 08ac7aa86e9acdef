"""Attempts and their append-only answer log."""
