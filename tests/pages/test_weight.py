"""What the queue's page costs: statements to the database, and bytes on the way to the browser."""

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from leads import override_reviews, overrides
from leads.models import OverrideKind, OverrideReason
from leads.notices import reading
from leads.queue import saved_views, snoozes
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import versions
from scoring_models.demo.versions import propose
from scoring_models.every_page import every_page
from tests.company import Company, Person, add_leads
from tests.scoring_models.approving import approve

SignIn = Callable[[str], Client]

MOST_QUERIES = 12
# Of a lead whose score time changes once, and two more for each further step that is looked ahead.
MOST_FOR_A_PANEL = 16
AS_PANEL = {"HX-Request": "true", "HX-Target": "panel"}
MOST_BYTES_COLD, MOST_BYTES = 200 * 1024, 30 * 1024


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that goes to the database meanwhile, by Django's cursors and by our own."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(" ".join(str(query).split()))
        return execute(self, query, *arguments, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(psycopg.Cursor, "execute", noted)
    try:
        yield seen
    finally:
        patch.undo()


@pytest.mark.parametrize(
    "query",
    [
        "only=now",
        "band=hot&owner=me&source=webinar&country=de&industry=software&inbound=true&stage=decision",
        "only=claimed&sort=intent",
        "only=overridden&team=0",
        "only=overdue",
        "only=today",
        "only=back",
        "sort=change",
        "sort=waiting&only=snoozed",
        "band=hot&view=hot",
        "source=nothing",
    ],
)
def test_a_page_of_the_queue_asks_the_database_little_whatever_its_filters(
    sign_in: SignIn, company: Company, query: str
) -> None:
    ana = sign_in("ana")
    saved_views.save(name="Hot", query="band=hot", actor=company.person("ana"), at=timezone.now())
    ana.get(f"/queue/?{query}")
    with statements() as seen:
        assert ana.get(f"/queue/?{query}").status_code == 200

    assert 5 < len(seen) <= MOST_QUERIES, "\n".join(seen)


def fields_of(html: str, action: str) -> dict[str, str]:
    """What the form of the panel that goes there carries, and nobody types."""
    form = re.search(rf'<form[^>]*action="{action}">(.*?)</form>', html, re.DOTALL)
    assert form is not None, action
    return {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1])
    }


def counted(most: int, press: Callable[[], Any]) -> str:
    """The answer to what is pressed, once it has asked the database for no more than that."""
    with statements() as seen:
        answer = press()
    assert answer.status_code == 200
    assert 5 < len(seen) <= most, "\n".join((str(len(seen)), *seen))
    html: str = answer.content.decode()
    return html


def test_a_panel_and_the_verbs_that_bring_one_ask_the_database_little(
    sign_in: SignIn, company: Company
) -> None:
    ana, tom = sign_in("ana"), company.lead("Tom").pk
    here = f"/queue/?only=now&lead={tom}"
    deed = f"/leads/{tom}"

    def post(path: str, **values: str) -> Callable[[], Any]:
        return lambda: ana.post(path, {"next": here} | values, headers=AS_PANEL)

    for _warm in range(2):
        ana.get(here, headers=AS_PANEL)
    html = counted(MOST_FOR_A_PANEL, lambda: ana.get(here, headers=AS_PANEL))
    skip = fields_of(html, f"{deed}/skip/") | {"reason": "bad_time", "next": here}
    for path, values, most, said in (
        (f"{deed}/claim/", {}, 24, "Tom Okafor is yours"),
        ("/activities/undo/", {}, 27, "Undone: claimed"),
        (f"{deed}/skip/", skip, 31, "out of your queue"),
        ("/activities/undo/", {}, 26, "Undone: skipped"),
        ("/queue/next/?only=now", {}, 27, "for the next half hour"),
    ):
        html = counted(most, post(path, **values))
        assert said in html and "data-chosen" in html


@pytest.mark.parametrize(
    "query",
    [
        "",
        "where=signal:page_view:1:30&where=attribute:country:is:de&where=attribute:job_title:known",
        "source=webinar&band=nurture&owner=none",
    ],
)
def test_a_page_of_marketings_list_asks_little_whatever_its_conditions(sign_in: SignIn, query: str) -> None:
    sam = sign_in("sam")
    sam.get(f"/nurture/?{query}")
    with statements() as seen:
        assert sam.get(f"/nurture/?{query}").status_code == 200

    assert 5 < len(seen) <= MOST_QUERIES, "\n".join(seen)
    # Whom a condition on signals finds is found once, for the rows and for how many there are.
    assert sum("HAVING count(*) >=" in one for one in seen) == ("signal:" in query)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def much_waits(company: Company) -> None:
    """A large override, a version in review, news of one that is live, and a lead back from a snooze."""
    now = timezone.now()
    ana = company.person("ana")
    company.person("mara").memberships.create(team=company.person("rita").memberships.get().team)
    User.objects.update(date_joined=now - timedelta(days=300))
    wei = company.lead("Wei")
    snoozes.snooze(lead_id=wei.pk, until=now - timedelta(days=1), actor=ana, at=now - timedelta(days=2))
    overrides.set_override(
        lead_id=company.lead("Owen").pk,
        kind=OverrideKind.BAND,
        band="hot",
        reason=OverrideReason.MET,
        actor=ana,
        at=now - timedelta(hours=2),
    )
    version = approve(propose(author=company.person("sam"), now=now), actor=company.person("mara"), at=now)
    company.person("jon").groups.add(Group.objects.get(name=Role.MANAGER))
    versions.activate(version=version, actor=fresh(company.person("jon")), at=now)
    propose(author=company.person("sam"), now=now)


ROLES_AND_PATHS = (
    ((Role.REP,), "/queue/?only=now"),
    ((Role.MANAGER,), "/queue/?only=now"),
    (tuple(Role), "/queue/?only=now"),
    ((Role.MARKETING,), "/leads/"),
    ((Role.ADMIN,), "/leads/"),
)


def test_whatever_waits_costs_no_role_more_queries(
    sign_in: SignIn, company: Company, much_waits: None
) -> None:
    for roles, path in ROLES_AND_PATHS:
        company.person("mara").groups.set(Group.objects.filter(name__in=roles))
        mara = sign_in("mara")
        mara.get(path)
        with statements() as seen:
            html = mara.get(path).content.decode()

        assert 5 < len(seen) <= MOST_QUERIES, "\n".join((str(roles), *seen))
        assert "version 2 is live since" in html
        assert ("back from snooze" in html) == path.startswith("/queue/")


def test_badges_say_how_much_waits(company: Company, much_waits: None) -> None:
    for name in ("ana", "mara", "sam", "ines"):
        user = fresh(company.person(name))
        told = every_page(user, at=timezone.now())
        assert told.unread == reading.unread(user)
        assert told.team == override_reviews.to_review(user).count()
    mara, jon = (every_page(fresh(company.person(name)), at=timezone.now()) for name in ("mara", "jon"))
    assert (mara.unread, mara.team, mara.models, mara.set_up) == (3, 1, 0, 1)
    assert (jon.models, jon.news) == (1, None)  # he put it live, and owns the model


@pytest.fixture
def long_queue(company: Company) -> None:
    """More leads than a page has rows, with long names and much to say."""
    did = (("dm_received", 1), ("post_comment", 2), ("connection_request_received", 3), ("content_save", 4))
    add_leads(
        (
            Person(f"Maximiliane{number}", "von Hohenfels-Wartenberg", "VP Operations, Central Europe",
                   f"Hanse-Lagerhaus-und-Speditionsgesellschaft-{number}", did)
            for number in range(60)
        ),
        now=timezone.now(),
    )  # fmt: skip


def compressed(client: Client, path: str) -> tuple[int, str]:
    """How many bytes of a page are sent, and the page."""
    answer = client.get(path, headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    return len(answer.content), gzip.decompress(answer.content).decode()


def assets(html: str) -> list[str]:
    """The addresses that a browser loads for a page."""
    return re.findall(r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"]*)\"""", html)


def sent(asset: str) -> int:
    """How many bytes a static file has as it is served: compressed when it is collected."""
    found = finders.find(asset.removeprefix(settings.STATIC_URL))
    assert isinstance(found, str), asset
    with open(found, "rb") as file:
        return len(gzip.compress(file.read(), 9))


def test_the_queue_is_light_and_comes_from_one_host(sign_in: SignIn, long_queue: None) -> None:
    ana = sign_in("ana")
    page, html = compressed(ana, "/queue/")
    assert html.count("<tr") + html.count("<li") > 50
    loaded = assets(html)
    assert len(loaded) > 8 and all(address.startswith(settings.STATIC_URL) for address in loaded)
    assert page + sum(map(sent, loaded)) <= MOST_BYTES_COLD
    assert page <= MOST_BYTES
    lead = re.search(r"/leads/\d+/", html)
    assert lead is not None and compressed(ana, lead[0])[0] <= MOST_BYTES


def test_only_pages_are_compressed(sign_in: SignIn) -> None:
    schema = sign_in("ana").get("/api/v1/schema/", headers={"accept-encoding": "gzip"})
    assert schema.status_code == 200 and "Content-Encoding" not in schema.headers
    plain = sign_in("ana").get("/queue/")
    assert "Content-Encoding" not in plain.headers and "Accept-Encoding" in plain.headers["Vary"]
