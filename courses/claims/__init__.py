"""Hours earned elsewhere: claimed with evidence, decided by a second person; study leave."""
