"""Roster import: a spreadsheet becomes a plan; the plan is applied whole or not at all."""
