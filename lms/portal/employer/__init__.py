"""An employer at a glance: every member of staff, the staffing indicators, the inspection pack."""
