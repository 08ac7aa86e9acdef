"""Accounts: sign-in, activation slips, the second factor, sessions, roles and "me"."""
