"""The versions that wait for somebody's review."""

from django.db.models import QuerySet

from leadscoring.people.models import User
from scoring_models.models import ModelVersion, VersionState
from scoring_models.permissions import Step, may


def waiting_for(user: User) -> QuerySet[ModelVersion]:
    """Those that this person may review, the longest wait first; nobody reviews what they edited."""
    if not may(user, Step.REVIEW):
        return ModelVersion.objects.none()
    waiting = ModelVersion.objects.filter(state=VersionState.IN_REVIEW).exclude(editors__user=user)
    return waiting.select_related("model").order_by("submitted_at", "pk")
