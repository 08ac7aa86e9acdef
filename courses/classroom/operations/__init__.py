"""Writes about central sessions: planning, seats, attendance, closing."""
