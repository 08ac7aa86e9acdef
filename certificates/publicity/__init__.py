"""公示: who is to receive a certificate is public first, and anybody may object."""
