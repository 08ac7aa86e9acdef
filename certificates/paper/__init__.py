"""The paper: sealed facts become an A4 PDF and a picture for the phone."""
