"""Appeals: a person says that a verdict about her is wrong, and somebody answers her."""
