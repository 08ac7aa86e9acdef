"""Revoking many certificates at once: one person proposes, another approves."""
