"""Certificates that end: how long they hold, when their holder is told, what renewed them."""
