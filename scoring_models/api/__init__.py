"""Models, versions and explanations, under /api/v1/."""
