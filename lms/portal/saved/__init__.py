"""Views that people save: a list with its filter and a name, shared or not, sent or not."""
