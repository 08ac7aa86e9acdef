"""A post office for trying things out: takes mail, webhooks, robot messages and SMS on this
machine, checks them as the real receivers do, and writes down what came. It forwards nothing."""
