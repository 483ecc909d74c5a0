"""Second looks on the queue's page."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from leads import second_looks
from leads.models import SecondLook
from leads.outcomes import CallResult, log_call
from tests.company import Company

SignIn = Callable[[str], Client]
MARK = "Second look: drawn at random 1 in 1, not by score."


def text(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_the_queue_marks_them_with_their_odds_until_they_are_worked(
    sign_in: SignIn, company: Company
) -> None:
    ana, now = sign_in("ana"), timezone.now()
    assert MARK not in text(ana, "/queue/?only=now")
    assert second_looks.draw_due(now=now) == 2
    page = text(ana, "/queue/?only=now")

    assert MARK in page and "Owen Hughes" in page
    assert MARK not in text(ana, "/queue/?band=hot")
    assert SecondLook.objects.get().lead == company.lead("Owen")
    log_call(
        lead_id=company.lead("Owen").pk, result=CallResult.NO_ANSWER, actor=company.person("jon"), at=now
    )
    assert MARK not in text(ana, "/queue/?only=now")
    assert MARK not in text(sign_in("rita"), "/queue/?only=now")
