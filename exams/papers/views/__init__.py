"""Pages about papers: those of an event, and an organisation's blueprints."""
