"""The yearly duty: rules, exemptions, verdicts and flags."""
