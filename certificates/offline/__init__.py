"""Checking without a signal: the fact in the QR, the key ring and the list of statuses."""
