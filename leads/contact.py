"""Leads that don't want to be written to or called: what that keeps people from.

Whoever unsubscribed or broke the connection stays in every list, with a mark. Nobody reaches out to them; a
conversation that they begin themselves may be logged.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from leads.contact_sql import REFUSALS
from leads.models import Lead
from leads.standing import Word, consent_of
from leadscoring.errors import DomainError


def refusal_of(lead: Lead, *, now: datetime) -> Word | None:
    """By which word a lead doesn't want to be contacted; None where it may be."""
    word = consent_of(lead, now=now)
    return word if word is not None and word.value in REFUSALS else None


def check_may_contact(lead: Lead, *, they_began: bool, now: datetime) -> None:
    """Raises DomainError `contact.refused` where we reached out to somebody who doesn't want that."""
    word = None if they_began else refusal_of(lead, now=now)
    if word is not None:
        raise DomainError("contact.refused", why_not(word))


def why_not(word: Word) -> str:
    """Why nobody writes to a lead or calls."""
    if word.value == "unsubscribed":
        return _("They unsubscribed: don't write or call. Log a conversation only where they began it.")
    return _("They broke the connection: don't write or call. Log a conversation only where they began it.")
