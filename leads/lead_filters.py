"""The filters of the list of all leads, as they stand in a URL."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from leads import access, overrides
from leads.contact_sql import REFUSAL, REFUSALS
from leads.models import Lead, Outcome, OutcomeKind
from leads.queue.choices import Choices, choices_of
from leads.queue.filters import ME, NONE
from leads.queue.scope import NO_TEAM
from leads.scorer import scorer
from leads.stages import STAGE_OF_ONE, stage_choices
from leads.text import normalise
from leadscoring.people.models import User

OPEN, POSSIBLE = "open", "possible"
_OF_STAGE = f"EXISTS (SELECT FROM leads_lead l WHERE l.id = leads_lead.id AND {STAGE_OF_ONE} = %s)"
_REFUSED = f"SELECT l.id FROM leads_lead l WHERE ({REFUSAL}) = ANY (%s)"


class LeadFilters(django_filters.FilterSet):  # type: ignore[misc]
    """`?band=hot&owner=me&team=3&source=webinar&stage=decision&model=2&state=won&contact=unsubscribed`.

    `state` is `open` or how it ended; `contact` why somebody may not be contacted, or `possible`. What isn't
    among the choices filters nothing. Bands are those that leads count for, overrides included.
    """

    band = django_filters.MultipleChoiceFilter(label=_("Band"), method="of_bands")
    state = django_filters.ChoiceFilter(
        label=_("State"), method="of_state", choices=((OPEN, _("Open")), *OutcomeKind.choices)
    )
    owner = django_filters.ChoiceFilter(label=_("Owner"), method="of_owner")
    team = django_filters.ChoiceFilter(label=_("Team"), method="of_team")
    source = django_filters.CharFilter(label=_("Source"), max_length=200, method="of_source")
    stage = django_filters.ChoiceFilter(label=_("Journey stage"), method="of_stage")
    model = django_filters.ChoiceFilter(label=_("Model"), method="of_model")
    contact = django_filters.ChoiceFilter(
        label=_("Contact"),
        method="of_contact",
        choices=(
            *zip(REFUSALS, (_("Unsubscribed"), _("Broke the connection")), strict=True),
            (POSSIBLE, _("May be contacted")),
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, user: User, now: datetime) -> None:
        super().__init__(data or {}, queryset=access.visible_leads(user))
        self.user, self.now = user, now
        self.choices: Choices = choices_of(user)
        people = [(str(pk), name) for pk, name in self.choices.people if pk != user.pk]
        teams = [*((str(pk), name) for pk, name in self.choices.teams), (str(NO_TEAM), _("No team"))]
        models = self.choices.models if len(self.choices.models) > 1 else ()
        offered: dict[str, list[tuple[Any, Any]]] = {
            "band": [(band.key, band.name) for band in self.choices.bands],
            "owner": [(ME, _("Me")), (NONE, _("Nobody")), *people],
            "team": teams,
            "stage": list(stage_choices().items()),
            "model": [(str(pk), name) for pk, name in models],
        }
        for name, choices in offered.items():
            self.filters[name].extra["choices"] = choices

    def of_bands(self, leads: QuerySet[Lead], name: str, keys: list[str]) -> QuerySet[Lead]:
        if not keys:
            return leads
        judged = overrides.counted(self._overridden(), now=self.now)
        moved_in = [pk for pk, one in judged.items() if one.band.key in keys]
        by_model = _scored(
            Q(score__version_id=scale.version_id, score__band=band.rank)
            for scale in scorer().scales().all
            for band in scale.bands
            if band.key in keys
        )
        return leads.filter(by_model & ~Q(pk__in=list(judged)) | Q(pk__in=moved_in))

    def of_state(self, leads: QuerySet[Lead], name: str, state: str) -> QuerySet[Lead]:
        if state == OPEN:
            return leads.filter(is_open=True)
        ended = Outcome.objects.filter(lead=OuterRef("pk"), kind=state, voided_at=None)
        return leads.filter(Exists(ended), is_open=False)

    def of_owner(self, leads: QuerySet[Lead], name: str, owner: str) -> QuerySet[Lead]:
        named = {ME: self.user.pk, NONE: None}
        return leads.filter(owner=named[owner] if owner in named else int(owner))

    def of_team(self, leads: QuerySet[Lead], name: str, team: str) -> QuerySet[Lead]:
        return leads.filter(team=int(team) or None)

    def of_source(self, leads: QuerySet[Lead], name: str, source: str) -> QuerySet[Lead]:
        return leads.filter(source=normalise(source))

    def of_stage(self, leads: QuerySet[Lead], name: str, stage: str) -> QuerySet[Lead]:
        return leads.filter(self._sql(_OF_STAGE, stage))

    def of_model(self, leads: QuerySet[Lead], name: str, model: str) -> QuerySet[Lead]:
        versions = [scale.version_id for scale in scorer().scales().all if str(scale.model_id) == model]
        return leads.filter(score__version_id__in=versions)

    def of_contact(self, leads: QuerySet[Lead], name: str, word: str) -> QuerySet[Lead]:
        if word == POSSIBLE:
            return leads.exclude(pk__in=self._sql(_REFUSED, list(REFUSALS)))
        return leads.filter(pk__in=self._sql(_REFUSED, [word]))

    def _overridden(self) -> list[Lead]:
        running = overrides.active(at=self.now).values("lead")
        return list(access.visible_leads(self.user).filter(pk__in=running).select_related("score"))

    def _sql(self, statement: str, value: object) -> RawSQL:
        """Fragments of lists name the moment; here values have no names."""
        moments = statement.count("%(now)s")
        at_end = [self.now] * moments + [value]
        return RawSQL(statement.replace("%(now)s", "%s"), at_end, output_field=BooleanField())


def _scored(ways: Iterable[Q]) -> Q:
    return reduce(or_, ways, Q(pk__in=()))
