"""Skills stations and review panels: checklists, sheets, panels."""
