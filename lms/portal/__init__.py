"""Home, dossier and dashboards: pages that cross packages."""
