"""The door before Flask for checks."""
