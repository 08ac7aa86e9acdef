"""Certificates as Open Badges 3.0: verifiable credentials, issuers' DIDs, status lists."""
