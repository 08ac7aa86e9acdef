"""Keys that sign: what they may sign, where they lie, and the process that holds them."""
