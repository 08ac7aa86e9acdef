"""Pages of staff and organisations, split by what they are about."""
