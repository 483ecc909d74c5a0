"""The filters of a list, offered as links that change its address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from leads import access
from leads.queue.filters import ME, NONE, QueueFilters
from leads.sources import known_sources

SOURCES = 40
# What says where in the list one is, not which list.
PLACE = ("after", "lead")


@dataclass(frozen=True, slots=True)
class Option:
    label: str
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Pill:
    """A filter. `value` says what is chosen, "" for anything."""

    label: str
    value: str
    options: Sequence[Option]


def pills_of(query: QueryDict, filters: QueueFilters) -> list[Pill]:
    """The filters that make a difference to this person."""
    teams = filters.filters["team"].extra["choices"]
    pills = [pill(query, "owner", _("Owner"), _owners(filters))]
    if len(teams) > 2:  # one of them is "no team"
        pills.append(pill(query, "team", _("Team"), teams))
    sources = [(source, source[:1].upper() + source[1:]) for source in known_sources(limit=SOURCES)]
    return [*pills, pill(query, "source", _("Source"), sources)]


def changed(query: QueryDict, **changes: str) -> str:
    """The address's query with some values changed ("" takes one away), from the top of the list."""
    new = query.copy()
    for name in PLACE:
        new.pop(name, None)
    for name, value in changes.items():
        if value:
            new[name] = value
        else:
            new.pop(name, None)
    return "?" + new.urlencode()


def pill(query: QueryDict, name: str, label: str, choices: Iterable[tuple[str, str]]) -> Pill:
    """A filter that sets `name` in the address's query to the key of one of the choices (key, label)."""
    chosen = query.get(name, "")
    choices = [(str(key), str(text)) for key, text in choices]
    offered = [Option(_("Any"), changed(query, **{name: ""}), chosen=False)] if chosen else []
    offered += [Option(text, changed(query, **{name: key}), key == chosen) for key, text in choices]
    return Pill(label, dict(choices).get(chosen, chosen), offered)


def _owners(filters: QueueFilters) -> list[tuple[str, str]]:
    """A rep's queue has their own leads and nobody's; the others see everybody's."""
    choices: list[tuple[str, str]] = filters.filters["owner"].extra["choices"]
    if access.works_whole_teams(filters.user) or access.sees_all(filters.user):
        return choices
    return [choice for choice in choices if choice[0] in (ME, NONE)]
