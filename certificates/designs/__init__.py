"""Designs: how a body's papers of a kind look, by version, seen and approved before use."""
