"""The bell, the page behind it, and choosing what to be told."""

import re
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from leads.models import NoticeOptOut
from leads.notices import reading
from scoring_models.demo.versions import propose
from tests.company import Company

SignIn = Callable[[str], Client]


def test_reviewers_are_told_that_a_version_waits(sign_in: SignIn, company: Company) -> None:
    propose(author=company.person("sam"), now=timezone.now())
    assert reading.unread(company.person("mara")) == 1
    assert [reading.unread(company.person(name)) for name in ("sam", "ana", "ines")] == [0, 0, 0]
    html = sign_in("mara").get("/notices/").content.decode()
    assert "waits for review." in html and '<span class="badge">1</span>' in html


def test_reading_is_a_post_and_takes_the_mark_away(sign_in: SignIn, company: Company) -> None:
    propose(author=company.person("sam"), now=timezone.now())
    mara = sign_in("mara")
    newest = reading.notices_of(company.person("mara"))[0].pk
    mara.get("/notices/")
    assert reading.unread(company.person("mara")) == 1
    mara.post("/notices/read/", {"up_to": str(newest)})
    assert reading.unread(company.person("mara")) == 0
    assert "Mark all as read" not in mara.get("/notices/").content.decode()


def test_nobody_reads_for_others(sign_in: SignIn, company: Company) -> None:
    propose(author=company.person("sam"), now=timezone.now())
    sign_in("ana").post("/notices/read/", {"up_to": "999999"})
    assert reading.unread(company.person("mara")) == 1


def test_one_chooses_what_to_be_told(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    ana.post("/settings/notices/", {"reached-app": "on", "overdue-app": "on", "overdue-email": "on"})
    rows = NoticeOptOut.objects.filter(person=company.person("ana"))
    assert {(row.kind, row.channel) for row in rows} == {
        *(("override_ended", channel) for channel in ("app", "email", "chat")),
        ("reached", "email"),
        ("reached", "chat"),
        ("overdue", "chat"),
    }
    html = ana.get("/settings/notices/").content.decode()
    assert 'name="overdue-email" checked' in html and 'name="reached-email">' in html
    assert not NoticeOptOut.objects.filter(person=company.person("jon")).exists()


def test_one_is_offered_what_ones_roles_are_told(sign_in: SignIn, company: Company) -> None:
    def offered(name: str) -> set[str]:
        return set(re.findall(r'name="(\w+)-app"', sign_in(name).get("/settings/notices/").content.decode()))

    at_work = {"reached", "overdue", "override_ended"}
    assert offered("ana") == at_work
    assert offered("mara") == at_work | {"review", "override_review"}
    assert (offered("ines"), offered("sam")) == ({"endpoint_off"}, set())


def test_nothing_new_says_what_would_be(sign_in: SignIn, company: Company) -> None:
    assert "Nothing new" in sign_in("jon").get("/notices/").content.decode()
