"""The employer at a glance."""
