"""The admin's page of a draft. What is frozen is shown at /models/ instead."""

from scoring_models.admin.versions import VersionAdmin

__all__ = ("VersionAdmin",)
