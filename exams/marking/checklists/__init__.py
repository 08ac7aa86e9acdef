"""Checklists that an evaluator brings itself: read, checked, approved by a second person."""
