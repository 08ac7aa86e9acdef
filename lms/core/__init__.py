"""Ground floor: settings, database, clock, permissions, audit; third parties only."""
