"""Persons, organisations, regions, employment, roles and sign-in."""
