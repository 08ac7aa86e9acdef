"""The rulebook: the rules of the yearly duty and of class hours, read by all, changed by two."""
