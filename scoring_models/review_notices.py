"""Telling those who may review a version that it waits for them."""

from datetime import datetime

from leads.models.notice import NoticeKind
from leads.notices.telling import News, tell
from leadscoring.people.models import User
from scoring_models.models import ModelVersion
from scoring_models.permissions import ROLES, Step


def review_waits(version: ModelVersion, *, actor: User, at: datetime) -> None:
    """Tell every reviewer but whoever sent it."""
    reviewers = User.objects.filter(is_active=True, groups__name__in=ROLES[Step.REVIEW]).exclude(pk=actor.pk)
    link, said = f"/models/{version.pk}/review/", {"version": str(version)}
    subject, occasion = f"version:{version.pk}", at.isoformat()
    tell(
        [
            News(pk, NoticeKind.REVIEW, subject, occasion, link, data=said)
            for pk in reviewers.values_list("pk", flat=True).distinct()
        ],
        at=at,
    )
