"""Many certificates at once: an employer's sheet is checked and answered, and not kept."""
