"""Central sessions: seats, check-in, attendance."""
