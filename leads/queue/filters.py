"""The filters of the queue and of marketing's list, as they stand in a URL."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from leads import access
from leads.models import Lead
from leads.queue.criteria import Criteria
from leads.queue.scope import NO_TEAM, NOBODY
from leads.scorer import scorer
from leads.text import normalise
from leadscoring.people.models import Team, User

ME, NONE = "me", "none"


class QueueFilters(django_filters.FilterSet):  # type: ignore[misc]
    """`?band=hot&band=sql&owner=me&team=3&source=webinar&only=claimed`.

    `owner` is `me`, `none` or a person's id; `only` is `claimed` (by me) or `overridden`. The form draws
    them, and `criteria` is what they ask for. A value that isn't among the choices is an error of the form
    and filters nothing.
    """

    band = django_filters.MultipleChoiceFilter(label=_("Band"))
    owner = django_filters.ChoiceFilter(label=_("Owner"), empty_label=_("Anyone"))
    team = django_filters.ChoiceFilter(label=_("Team"), empty_label=_("All my teams"))
    source = django_filters.CharFilter(label=_("Source"), max_length=200)
    only = django_filters.ChoiceFilter(
        label=_("Only"),
        empty_label=_("To work now"),
        choices=(("claimed", _("Claimed by me")), ("overridden", _("Overridden"))),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, user: User, worked_by: str) -> None:
        super().__init__(data or {}, queryset=Lead.objects.none())
        self.user = user
        teams = Team.objects.order_by("name")
        if not access.sees_all(user):
            teams = teams.filter(pk__in=user.team_ids)
        people = User.objects.filter(memberships__team__in=teams).distinct().order_by("name", "pk")
        bands = scorer().scales().bands(worked_by=worked_by)
        self.filters["band"].extra["choices"] = [(band.key, band.name) for band in bands]
        self.filters["team"].extra["choices"] = [
            *((str(team.pk), team.name) for team in teams),
            (str(NO_TEAM), _("No team")),
        ]
        self.filters["owner"].extra["choices"] = [
            (ME, _("Me")),
            (NONE, _("Nobody")),
            *((str(person.pk), str(person)) for person in people if person != user),
        ]

    @property
    def criteria(self) -> Criteria:
        """What is asked for; invalid parts are left out."""
        self.form.is_valid()
        asked = self.form.cleaned_data
        only = asked.get("only")
        return Criteria(
            bands=frozenset(asked.get("band") or ()),
            owners=self._owners(asked.get("owner")),
            team=int(asked["team"]) if asked.get("team") else None,
            source=normalise(asked.get("source") or "") or "",
            claimed=only == "claimed",
            overridden=only == "overridden",
        )

    def _owners(self, asked: str | None) -> frozenset[int]:
        if not asked:
            return frozenset()
        named = {ME: self.user.pk, NONE: NOBODY}
        return frozenset({named[asked] if asked in named else int(asked)})
