"""Pages of sign-in, accounts, rosters and roles, split by who acts."""
