"""The house: ground floor (core, people) and top floor (portal, jobs, cli, app)."""
