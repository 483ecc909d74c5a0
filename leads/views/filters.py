"""The filters of a list, offered as links that change its address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters import FilterSet

from leads import access
from leads.queue.criteria import Sort
from leads.queue.filters import EVERYTHING, ME, NONE, QueueFilters, kept

# Stands for a value; nobody types it.
_ANY = "\uf8ff"
# What says where in the list one is and what one is about to do there, not which list.
PLACE = ("after", "lead", "verb")


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


def pills_of(query: QueryDict, filters: QueueFilters, *, sorts: bool = False) -> list[Pill]:
    """The filters that make a difference to this person, and with `sorts` the order."""
    values = filters.choices.values
    offered = [
        (pill(query, "owner", _("Owner"), _owners(filters)), 0),
        (pill(query, "team", _("Team"), choices_of_filter(filters, "team")), 3),  # one of them is "no team"
        (pill(query, "source", _("Source"), words_of(values["source"])), 0),
        (pill(query, "industry", _("Industry"), words_of(values["industry"])), 2),
        (pill(query, "country", _("Country"), words_of(values["country"])), 2),
        (pill(query, "stage", _("Journey stage"), choices_of_filter(filters, "stage")), 0),
        (pill(query, "model", _("Model"), choices_of_filter(filters, "model")), 2),
        (pill(query, "inbound", _("Came to us"), choices_of_filter(filters, "inbound")), 0),
    ]
    pills = [each for each, least in offered if each.value or len(each.options) >= least]
    return [*pills, _order(query, filters)] if sorts else pills


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
    return "?" + (new.urlencode() or f"only={EVERYTHING}")


def is_filtered(query: QueryDict) -> bool:
    """Whether an address asks for less than the whole list, or for another order."""
    return kept(query) != ""


def pill(query: QueryDict, name: str, label: str, choices: Iterable[tuple[str, str]]) -> Pill:
    """A filter that sets `name` in the address's query to the key of one of the choices (key, label)."""
    chosen = query.get(name, "")
    named = {str(key): str(text) for key, text in choices}
    address = _address_of_any(query, name)
    offered = [Option(_("Any"), changed(query, **{name: ""}), chosen=False)] if chosen else []
    offered += [Option(text, address(key), key == chosen) for key, text in named.items()]
    return Pill(label, named.get(chosen, chosen), offered)


def _address_of_any(query: QueryDict, name: str) -> Callable[[str], str]:
    """What `changed` gives for each value of one name, taken apart once: lists offer dozens."""
    with_any = changed(query, **{name: _ANY})
    return lambda value: with_any.replace(quote_plus(_ANY), quote_plus(value))


def _order(query: QueryDict, filters: QueueFilters) -> Pill:
    sorts: Mapping[str, str] = {str(key): str(text) for key, text in choices_of_filter(filters, "sort")}
    chosen = query.get("sort", "")
    chosen = chosen if chosen in sorts else Sort.RANK
    options = [
        Option(text, changed(query, sort="" if key == Sort.RANK else key), key == chosen)
        for key, text in sorts.items()
    ]
    return Pill(_("Order"), "" if chosen == Sort.RANK else sorts[chosen], options)


def words_of(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values in normal form as people write them: codes in capitals."""
    return [(value, value.upper() if len(value) == 2 else value[:1].upper() + value[1:]) for value in values]


def choices_of_filter(filters: FilterSet, name: str) -> list[tuple[str, str]]:
    """What a filter offers, as (key, label)."""
    choices: list[tuple[str, str]] = filters.filters[name].extra["choices"]
    return choices


def _owners(filters: QueueFilters) -> list[tuple[str, str]]:
    """A rep's queue has their own leads and nobody's; the others see everybody's."""
    choices = choices_of_filter(filters, "owner")
    if access.works_whole_teams(filters.user) or access.sees_all(filters.user):
        return choices
    return [choice for choice in choices if choice[0] in (ME, NONE)]
