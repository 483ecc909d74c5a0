"""Times are shown and read by the clock of who looks: that of their first team."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from leads.models import Override, Snooze
from leadscoring.people.models import Team
from tests.company import Company

TOKYO = ZoneInfo("Asia/Tokyo")  # no summer time: nine hours ahead of UTC all year


def test_a_time_that_is_entered_is_the_teams(sign_in: Callable[[str], Client], company: Company) -> None:
    Team.objects.update(time_zone="Asia/Tokyo")
    freya, tom, ana = company.lead("Freya").pk, company.lead("Tom").pk, sign_in("ana")
    page = ana.get(f"/leads/{freya}/").content.decode()
    assert "Date and time (Asia/Tokyo)" in page and "When (Asia/Tokyo)" in page
    local = (datetime.now(TOKYO) + timedelta(days=3)).replace(hour=8, minute=30, second=0, microsecond=0)
    ana.post(f"/leads/{freya}/snooze/", {"when": "at", "until": f"{local:%Y-%m-%dT%H:%M}"})
    assert Snooze.objects.get().until == local.astimezone(UTC)
    until = local.date()
    wanted = {"kind": "points", "points": "5", "reason": "met", "until": str(until)}
    ana.post(f"/leads/{tom}/override/", wanted)
    midnight = datetime.combine(until + timedelta(days=1), datetime.min.time(), TOKYO)
    assert Override.objects.get().ends_at == midnight
    asked = datetime.now(TOKYO) - timedelta(hours=1)
    history = ana.get(f"/leads/{tom}/history/", {"as_of": f"{asked:%Y-%m-%dT%H:%M}"})
    assert history.context["explained_at"] == asked.replace(second=0, microsecond=0)
    assert "As of (Asia/Tokyo)" in history.content.decode()


def test_exact_times_name_their_zone_and_programs_get_utc(
    sign_in: Callable[[str], Client], company: Company
) -> None:
    Team.objects.filter(name="Europe").update(time_zone="Asia/Tokyo")
    tom = company.lead("Tom")
    shown = f"{timezone.localtime(tom.created_at, TOKYO):%H:%M} Asia/Tokyo"
    assert shown in sign_in("ana").get(f"/leads/{tom.pk}/").content.decode()
    assert "Asia/Tokyo" not in sign_in("rita").get("/queue/").content.decode()
    assert sign_in("ana").get(f"/api/v1/leads/{tom.pk}/").json()["created_at"].endswith("Z")
