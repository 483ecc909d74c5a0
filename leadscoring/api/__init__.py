"""What every address under /api/v1/ shares: keys, rights, errors, idempotency, limits and its description.

The resources themselves are in `leads.api` and `scoring_models.api`.
"""
