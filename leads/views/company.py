"""The company that a lead works for and its other people, as the lead's page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from leads import access
from leads.models import Account, Entity, Lead, Signal
from leads.overrides import counted
from leads.scorer import Band, scorer
from leads.value_history import first, origins_of
from leads.values import may_set_company
from leads.views.known import Fact, facts_of
from leads.views.values import settable_of_company
from leadscoring.people.models import User

SHOWN = 12
# Of so many people, by what the model says of them, those who count for most are shown.
CONSIDERED = 200


@dataclass(frozen=True, slots=True)
class Colleague:
    """Another person of the company, with what counts for them; no band: not scored yet."""

    lead: Lead
    total: int | None
    band: Band | None
    last_signal_at: datetime | None


def company_of(lead: Lead, *, user: User, now: datetime) -> dict[str, Any]:
    """The context of the section: facts of the company, and who else is there.

    Whom this person may not see is only counted, and so are those for whom there is no room.
    """
    shown, more, hidden = colleagues_of(lead, user=user, now=now)
    may_set = may_set_company(user)
    return {
        "company": _facts(lead.account, now) if lead.account else [],
        "may_set_company": may_set,
        "settable_of_company": settable_of_company(lead.account) if lead.account and may_set else [],
        "colleagues": shown,
        "more_colleagues": more,
        "hidden_colleagues": hidden,
    }


def _facts(account: Account, now: datetime) -> list[Fact]:
    return facts_of(account.attributes, Entity.ACCOUNT, origins_of(account, now=now), first(account))


def colleagues_of(lead: Lead, *, user: User, now: datetime) -> tuple[Sequence[Colleague], int, int]:
    """The other people there, from the top band down; how many more, and how many that may not be seen."""
    if lead.account_id is None:
        return [], 0, 0
    everybody = Lead.objects.filter(account=lead.account_id, absorbed_into=None).exclude(pk=lead.pk)
    visible = everybody.filter(pk__in=access.visible_leads(user).values("pk"))
    by_model = visible.select_related("score").order_by("-score__band", "-score__total", "pk")
    found = _colleagues(list(by_model[:CONSIDERED]), now=now)
    count = visible.count()
    return _with_signals(found[:SHOWN]), count - len(found[:SHOWN]), everybody.count() - count


def _colleagues(leads: Sequence[Lead], *, now: datetime) -> list[Colleague]:
    judged, scales = counted(leads, now=now), scorer().scales()
    found = []
    for lead in leads:
        score = getattr(lead, "score", None)
        if lead.pk in judged:
            found.append(Colleague(lead, judged[lead.pk].total, judged[lead.pk].band, None))
        elif score is not None and scales.all:
            band = scales.of(score.version_id).band_at(score.band)
            found.append(Colleague(lead, score.total, band, None))
        else:
            found.append(Colleague(lead, None, None, None))
    return sorted(found, key=_place)


def _place(one: Colleague) -> tuple[bool, int, int, int]:
    rank, total = (0, 0) if one.band is None else (one.band.rank, one.total or 0)
    return one.band is None, -rank, -total, one.lead.pk


def _with_signals(colleagues: Sequence[Colleague]) -> Sequence[Colleague]:
    ids = [one.lead.pk for one in colleagues]
    signals = (
        Signal.objects.filter(lead__in=ids, retracted_at=None).values("lead").annotate(Max("occurred_at"))
    )
    latest = dict(signals.values_list("lead", "occurred_at__max"))
    return [Colleague(one.lead, one.total, one.band, latest.get(one.lead.pk)) for one in colleagues]
