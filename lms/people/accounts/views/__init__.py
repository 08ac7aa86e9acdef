"""Pages of accounts, split by who acts: a visitor, the person herself, an administrator."""
