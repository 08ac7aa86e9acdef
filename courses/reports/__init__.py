"""The yearly report of a region: what was done, month by month, and who will miss."""
