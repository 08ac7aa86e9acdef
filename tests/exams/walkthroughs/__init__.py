"""Scripted and random sittings against the real room, told in one small language."""
