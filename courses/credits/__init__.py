"""The ledger of continuing-education hours."""
