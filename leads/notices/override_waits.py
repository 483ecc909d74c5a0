"""Telling the managers of a team that a large override waits for one of them."""

from datetime import datetime

from leads.models import Override
from leads.models.notice import NoticeKind
from leads.notices.telling import News, tell
from leadscoring.people.models import User
from leadscoring.people.roles import Role


def review_waits(override: Override, *, at: datetime) -> None:
    """Tell every manager who may review it, if it is large; who set it may not."""
    if not override.is_large:
        return
    managers = User.objects.filter(is_active=True, groups__name=Role.MANAGER).exclude(pk=override.author_id)
    if override.lead.team_id is not None:
        managers = managers.filter(memberships__team=override.lead.team_id)
    said = {"by": str(override.author)}
    tell(
        [
            News(
                pk,
                NoticeKind.OVERRIDE_REVIEW,
                f"override:{override.pk}",
                at.isoformat(),
                "/team/overrides/",
                override.lead_id,
                said,
            )
            for pk in managers.values_list("pk", flat=True).distinct()
        ],
        at=at,
    )
