"""What belongs to another team, by every address and every role. Of the admin: test_admin_matrix.py."""

from collections.abc import Callable, Iterator, Mapping
from string import Formatter
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from leads import notes, overrides, reassigning
from leads.bulk import jobs
from leads.dealing import Way
from leads.duplicates import say_not_same
from leads.merging import verbs as merging
from leads.models import BulkJob, ListChange, OverrideKind, OverrideReason
from leads.notices import reading
from leads.queue import saved_views
from leads.reassigning import Selection
from leads.segments import saved as segments
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import SettingChange, Team, User
from leadscoring.people.roles import Role
from tests import company as companies
from tests.company import Company, Person
from tests.pages.test_routes import ROUTES, WHO, Route

SignIn = Callable[[str], Client]
# Pages that are for everybody who may read leads: who sees all of them sees another team's, too.
SEE_ALL = ("marketing", "admin")


@pytest.fixture
def elsewhere(company: Company) -> Mapping[str, object]:
    """Overseas, by the names of the parts of addresses: all that Europe must neither see nor touch."""
    now, rita, nora = timezone.now(), company.person("rita"), company.person("nora")
    chief = User.objects.create_user("omar@company.example", name="Omar Test")
    chief.groups.add(Group.objects.get(name=Role.MANAGER))
    chief.memberships.create(team=Team.objects.get(name="Overseas"))
    more = (Person(name, "Overseas", "CEO", name, team="Overseas") for name in ("Olga", "Oleg"))
    leads = companies.add_leads(more, now=now)
    otto, olga, oleg = (leads[name].pk for name in ("Otto", "Olga", "Oleg"))
    note = notes.add_note(lead_id=otto, text="Otto's secret", actor=rita, at=now)
    override = overrides.set_override(
        lead_id=otto, kind=OverrideKind.POINTS, points=5, reason=OverrideReason.MET, actor=rita, at=now
    )
    act = reassigning.reassign(
        selection=Selection(lead_ids=(olga,)), way=Way.PEOPLE, to=[rita], expected=1, actor=chief, at=now
    )
    reading.choose(actor=chief, wanted=set(), at=now)
    view = saved_views.save(name="Otto's", query="band=hot", actor=rita, at=now)
    job = jobs.begin(
        kind=BulkJob.Kind.SNOOZE, lead_ids=[otto], parameters={"until": now.isoformat()}, actor=rita, at=now
    )
    return {
        "lead": otto,
        "note": note.pk,
        "activity": note.pk,
        "override": override.pk,
        "not_same": say_not_same(lead_ids=(otto, olga), actor=rita, at=now).pk,
        "merge": merging.merge(kept_id=olga, absorbed_id=oleg, actor=chief, at=now).pk,
        "reassignment": act.pk,
        "job": job.pk,
        "team": Team.objects.get(name="Overseas").pk,
        "view": view.slug,
        "list_change": ListChange.objects.get().pk,
        "setting_change": SettingChange.objects.filter(actor=chief).latest("pk").pk,
        "segment": segments.save(
            name="Otto's", query="where=stage:none", shared=False, actor=nora, at=now
        ).slug,
    }


def of_others(elsewhere: Mapping[str, object]) -> Iterator[tuple[str, Route, str]]:
    """Every address that names something of somebody, with Overseas' in its place."""
    for name, route in ROUTES.items():
        parts = {part for _text, part, _spec, _conversion in Formatter().parse(route.path) if part}
        if parts and parts <= elsewhere.keys():
            yield name, route, route.path.format(**elsewhere)


def is_refused(answer: Any) -> bool:
    """A page that says no, or a message on the page that one is led back to."""
    said = [message.level_tag for message in get_messages(answer.wsgi_request)]
    return answer.status_code in (403, 404) or (answer.status_code == 302 and "error" in said)


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_another_teams_is_neither_seen_nor_touched(
    role: str, sign_in: SignIn, elsewhere: Mapping[str, object]
) -> None:
    client, before = sign_in(WHO[role]), AuditEntry.objects.count()
    asked = list(of_others(elsewhere))
    assert len(asked) > 35
    for name, route, path in asked:
        for method in ("POST",) if route.post else ("GET", "POST"):
            answer = client.generic(method, path)
            refused = is_refused(answer) or answer.status_code == 405
            assert refused, f"{name}: {method} answers {answer.status_code} to {role}"
            assert "Otto" not in answer.content.decode(), name
    assert AuditEntry.objects.count() == before


def test_who_sees_all_leads_sees_them_and_works_none(
    sign_in: SignIn, elsewhere: Mapping[str, object]
) -> None:
    for role in SEE_ALL:
        client = sign_in(WHO[role])
        assert "Otto" in client.get(f"/leads/{elsewhere['lead']}/").content.decode()
        assert is_refused(client.post(f"/activities/{elsewhere['activity']}/undo/"))
        assert is_refused(client.get(f"/nurture/segments/{elsewhere['segment']}/"))
