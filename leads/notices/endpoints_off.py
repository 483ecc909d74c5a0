"""Telling Admins that an endpoint of webhooks was switched off by what it answered."""

from datetime import datetime, timedelta

from leads.models.notice import NoticeKind
from leads.notices.telling import News
from leadscoring.hooks.models import Endpoint, Off
from leadscoring.people.models import User
from leadscoring.people.roles import Role

LOOKED_BACK = timedelta(days=1)


def switched_off(*, now: datetime) -> list[News]:
    """What Admins are to be told of endpoints that are off because they failed or are gone."""
    off = Endpoint.objects.filter(is_on=False, off_at__gt=now - LOOKED_BACK).exclude(off_because=Off.BY_HAND)
    endpoints = list(off)
    if not endpoints:
        return []
    admins = User.objects.filter(is_active=True, groups__name=Role.ADMIN).values_list("pk", flat=True)
    return [
        News(
            admin,
            NoticeKind.ENDPOINT_OFF,
            f"endpoint:{endpoint.pk}",
            str(endpoint.off_at),
            f"/admin/hooks/endpoint/{endpoint.pk}/change/",
            data={"endpoint": endpoint.description, "gone": endpoint.off_because == Off.GONE},
        )
        for admin in admins
        for endpoint in endpoints
    ]
