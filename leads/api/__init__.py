"""Leads, accounts, signals and the work with them, under /api/v1/."""
