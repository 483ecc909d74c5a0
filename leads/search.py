"""The list of leads: all that a person may see, found by name, e-mail or company, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from leads import access
from leads.models import Account, Lead
from leads.queue.cursor import BIG_INTEGER
from leads.search_ways import Walk, few_with
from leads.text import normalise
from leadscoring.errors import DomainError
from leadscoring.people.models import User

PAGE_SIZE = 50
GREATEST_PAGE = 500
MOST_WORDS = 6
NEAR = 200


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Some leads. `next` and `previous` are cursors for `after`, None where nothing follows."""

    leads: Sequence[Lead]
    next: str | None = None
    previous: str | None = None


def find_leads(
    *,
    user: User,
    query: str = "",
    after: str | None = None,
    size: int = PAGE_SIZE,
    among: QuerySet[Lead] | None = None,
) -> LeadPage:
    """A page of the leads that this person may see, newest first, with account, owner and score.

    Each word of the query begins the first name, the last name or the e-mail, or is part of the company's
    name; or the whole query is the external id. `among` are those of them that are looked at, None for all.
    Raises DomainError `cursor.invalid`.
    """
    size = max(1, min(size, GREATEST_PAGE))
    words, (backwards, place) = _words(query), _decode(after)
    leads = (access.visible_leads(user) if among is None else among).order_by()
    leads = leads.select_related("account", "owner", "team", "score")
    few = few_with(words, _external_id(query)) if words else None
    if words and few is None:
        walk = Walk(words, _external_id(query))
        found = (
            walk.oldest(leads, after=place, size=size + 1)
            if backwards and place is not None
            else walk.newest(leads, before=place, size=size + 1)
        )
    else:
        if few is not None:
            leads = _matching(leads, query).filter(pk__in=few)
        beyond = leads if place is None else leads.filter(**{"pk__gt" if backwards else "pk__lt": place})
        found = list(beyond.order_by("pk" if backwards else "-pk")[: size + 1])
    more, shown = len(found) > size, found[:size]
    if backwards:
        return _page(shown[::-1], has_next=True, has_previous=more)
    return _page(shown, has_next=more, has_previous=place is not None)


def all_found(*, user: User, query: str = "", among: QuerySet[Lead] | None = None) -> QuerySet[Lead]:
    """All leads that `find_leads` finds, the newest first."""
    return _matching(access.visible_leads(user) if among is None else among, query).order_by("-pk")


def find_fast(*, user: User, query: str, size: int) -> Sequence[Lead]:
    """A few leads that a palette offers while one types, open and highest scores first. Two queries.

    Fast however many leads there are: it looks at the first `NEAR` leads whose first name, last name, e-mail
    or company begins with the longest word (or whose external id is the whole query), and keeps those that
    have every word.
    """
    words = _words(query)
    if not words:
        return ()
    near = _near(access.visible_leads(user), max(words, key=len), query.strip())
    if not near:
        return ()
    each = Q()
    for word in words:
        each &= _has(word)
    found = Lead.objects.filter(each | Q(external_id=query.strip()), pk__in=near)
    order = ("-is_open", F("score__total").desc(nulls_last=True), "pk")
    return list(found.select_related("account", "score").order_by(*order)[:size])


def _near(leads: QuerySet[Lead], word: str, external_id: str) -> list[int]:
    companies = Account.objects.filter(company__startswith=word).values("pk")[:NEAR]
    ways = [
        leads.filter(**condition).order_by().values_list("pk", flat=True)[:NEAR]
        for condition in (
            {"first_name__startswith": word},
            {"last_name__startswith": word},
            {"email__startswith": word},
            {"account__in": companies},
            {"external_id": external_id},
        )
    ]
    return list(ways[0].union(*ways[1:]))


def _words(query: str) -> list[str]:
    query = query.replace("\0", "")  # which no stored text can hold, nor the database be asked for
    return (normalise(query) or "").split()[:MOST_WORDS]


def _matching(leads: QuerySet[Lead], query: str) -> QuerySet[Lead]:
    words = _words(query)
    if not words:
        return leads
    each = Q()
    for word in words:
        each &= _has(word)
    return leads.filter(each | Q(external_id=_external_id(query)))


def _external_id(query: str) -> str:
    return query.replace("\0", "").strip()


def _has(word: str) -> Q:
    return _has_name(word) | Q(account__company__contains=word)


def _has_name(word: str) -> Q:
    return Q(first_name__startswith=word) | Q(last_name__startswith=word) | Q(email__startswith=word)


def _page(shown: Sequence[Lead], *, has_next: bool, has_previous: bool) -> LeadPage:
    if not shown:
        return LeadPage(())
    return LeadPage(
        shown,
        next=str(shown[-1].pk) if has_next else None,
        previous=f"-{shown[0].pk}" if has_previous else None,
    )


def _decode(after: str | None) -> tuple[bool, int | None]:
    """Whether the page wanted is the one before, and of which lead."""
    if not after:
        return False, None
    digits = after.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 19 or int(digits) not in BIG_INTEGER:
        raise DomainError("cursor.invalid", _("This link into the list no longer works. Start from the top."))
    return after.startswith("-"), int(digits)
