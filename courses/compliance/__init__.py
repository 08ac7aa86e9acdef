"""Yearly obligations, exemptions and flags."""
