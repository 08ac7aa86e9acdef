"""Corrected keys and what they change."""
