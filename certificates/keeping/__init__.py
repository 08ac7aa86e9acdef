"""Looking after the keys that seal: their publication, their commands, and doubt after a theft."""
