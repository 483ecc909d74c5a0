"""The company that a lead works for and its other people, as the lead's page shows them."""

from collections.abc import Sequence
from typing import Any

from leads import access
from leads.models import Entity, Lead
from leads.views.known import facts_of
from leadscoring.people.models import User

COLLEAGUES = 12


def company_of(lead: Lead, *, user: User) -> dict[str, Any]:
    """The context of the section: facts of the company, and who else is there."""
    return {
        "company": facts_of(lead.account.attributes, Entity.ACCOUNT) if lead.account else [],
        "colleagues": colleagues_of(lead, user=user),
    }


def colleagues_of(lead: Lead, *, user: User) -> Sequence[Lead]:
    """The other people of the lead's company that this person may see, best score first."""
    if lead.account_id is None:
        return []
    others = access.visible_leads(user).filter(account=lead.account_id).exclude(pk=lead.pk)
    return list(others.select_related("score").order_by("-score__total", "pk")[:COLLEAGUES])
