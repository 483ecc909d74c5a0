"""The filters of the queue and of marketing's list, as they stand in a URL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_filters
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from leads.models import Lead
from leads.queue.choices import Choices, choices_of
from leads.queue.criteria import Criteria, Sort
from leads.queue.scope import NO_TEAM, NOBODY
from leads.response.team_hours import end_of_day
from leads.stages import stage_choices
from leads.text import normalise
from leadscoring.people.models import User

ME, NONE = "me", "none"
# `only` where nothing is left out, said in so many words: an address without any filter means the last list.
EVERYTHING = "now"
VIEW = "view"
LONGEST = 1500
VALUES = ("source", "country", "industry")


class QueueFilters(django_filters.FilterSet):  # type: ignore[misc]
    """`?band=hot&owner=me&team=3&source=webinar&country=de&stage=decision&only=claimed`.

    `owner` is `me`, `none` or a person's id; `model` the id of a live model, where several are; `stage` one
    of `stage_choices`; `only` is `claimed` or `snoozed` (by me), `back`, `overdue`, `today` (due by its end),
    `overridden` or `now`; `sort` a `Sort`. The form reads them, and `criteria` is what they ask for. A value
    that isn't among the choices is an error of the form and filters nothing.
    """

    band = django_filters.MultipleChoiceFilter(label=_("Band"))
    owner = django_filters.ChoiceFilter(label=_("Owner"), empty_label=_("Anyone"))
    team = django_filters.ChoiceFilter(label=_("Team"), empty_label=_("All my teams"))
    source = django_filters.CharFilter(label=_("Source"), max_length=200)
    country = django_filters.CharFilter(label=_("Country"), max_length=200)
    industry = django_filters.CharFilter(label=_("Industry"), max_length=200)
    inbound = django_filters.ChoiceFilter(
        label=_("Came to us"), choices=(("true", _("by themselves")), ("false", _("because we asked")))
    )
    model = django_filters.ChoiceFilter(label=_("Model"))
    stage = django_filters.ChoiceFilter(label=_("Journey stage"))
    only = django_filters.ChoiceFilter(
        label=_("Only"),
        empty_label=None,
        choices=(
            (EVERYTHING, _("To work now")),
            ("claimed", _("Claimed by me")),
            ("snoozed", _("Snoozed")),
            ("back", _("Back from snooze")),
            ("overdue", _("Overdue")),
            ("today", _("Due today")),
            ("overridden", _("Overridden")),
        ),
    )
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
        empty_label=None,
        choices=(
            (Sort.RANK, _("Best first")),
            (Sort.INTENT, _("Newest signal of intent")),
            (Sort.WAITING, _("Longest waiting")),
            (Sort.CHANGE, _("Greatest change since yesterday")),
        ),
    )

    def __init__(
        self, data: QueryDict | None, *, user: User, worked_by: str, choices: Choices | None = None
    ) -> None:
        data = data or QueryDict()
        super().__init__(data, queryset=Lead.objects.none())
        self.user = user
        values = () if choices else _values(data)
        self.choices = choices or choices_of(user, worked_by=worked_by, values=values)
        self.rare = None if choices else self.choices.rare
        self.filters["band"].extra["choices"] = [(band.key, band.name) for band in self.choices.bands]
        self.filters["team"].extra["choices"] = [
            *((str(pk), name) for pk, name in self.choices.teams),
            (str(NO_TEAM), _("No team")),
        ]
        models = self.choices.models if len(self.choices.models) > 1 else ()
        self.filters["model"].extra["choices"] = [(str(pk), name) for pk, name in models]
        self.filters["stage"].extra["choices"] = list(stage_choices().items())
        self.filters["owner"].extra["choices"] = [
            (ME, _("Me")),
            (NONE, _("Nobody")),
            *((str(pk), name) for pk, name in self.choices.people if pk != user.pk),
        ]

    @cached_property
    def criteria(self) -> Criteria:
        """What is asked for; invalid parts are left out."""
        asked = self._asked
        only, inbound = asked.get("only"), asked.get("inbound")
        due = due_by(only, self.user, now=timezone.now())
        return Criteria(
            bands=frozenset(asked.get("band") or ()),
            owners=self._owners(asked.get("owner")),
            team=int(asked["team"]) if asked.get("team") else None,
            **dict(_values(asked)),
            inbound=inbound == "true" if inbound else None,
            model=int(asked["model"]) if asked.get("model") else None,
            stage=asked.get("stage") or "",
            claimed=only == "claimed",
            overridden=only == "overridden",
            snoozed=only == "snoozed",
            back=only == "back",
            due_by=due,
            # Few leads wait for an answer or were snoozed: nobody need count them first.
            rare="back" if only == "back" else "due_by" if due else self.rare,
        )

    @property
    def order(self) -> Sort:
        return Sort(self._asked.get("sort") or Sort.RANK)

    @property
    def refused(self) -> list[str]:
        """What the filters are called whose values aren't among the choices."""
        if not self._asks:
            return []
        self.form.is_valid()
        return [str(self.filters[name].label) for name in self.form.errors if name in self.filters]

    @cached_property
    def _asks(self) -> bool:
        """Whether anything is asked for: most pages are the whole queue, and need no form to be made."""
        given = ((name, value) for name in self.base_filters for value in self.data.getlist(name) if value)
        return any(pair != ("only", EVERYTHING) for pair in given)

    @cached_property
    def _asked(self) -> dict[str, Any]:
        if not self._asks:
            return {}
        self.form.is_valid()
        asked: dict[str, Any] = self.form.cleaned_data
        return asked

    def _owners(self, asked: str | None) -> frozenset[int]:
        if not asked:
            return frozenset()
        named = {ME: self.user.pk, NONE: NOBODY}
        return frozenset({named[asked] if asked in named else int(asked)})


def _values(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The values that are asked for, in normal form, by column."""
    asked = ((column, normalise(str(data.get(column) or ""))) for column in VALUES)
    return tuple((column, value) for column, value in asked if value)


def due_by(only: str | None, user: User, *, now: datetime) -> datetime | None:
    """By when leads of a list are to be answered; None where that doesn't matter."""
    if only == "today":
        return end_of_day(user, now=now)
    return now if only == "overdue" else None


def kept(query: QueryDict) -> str:
    """What of an address's query says which list it is, in one spelling; "" where nothing does.

    The place in the list and the lead that is chosen are left out, and so is what nobody knows.
    """
    list_of = QueryDict(mutable=True)
    for name in (*QueueFilters.base_filters, VIEW):
        values = [value for value in query.getlist(name) if value and (name, value) != ("only", EVERYTHING)]
        if values:
            list_of.setlist(name, sorted(set(values)) if name == "band" else values[-1:])
    text = list_of.urlencode()
    return text if len(text) <= LONGEST else ""


def names_a_list(query: QueryDict) -> bool:
    """Whether an address says which list it wants, be it the whole queue."""
    return any(query.get(name) for name in (*QueueFilters.base_filters, VIEW))
