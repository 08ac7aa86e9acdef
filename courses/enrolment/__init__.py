"""Who takes which course, the evidence, and completions."""
