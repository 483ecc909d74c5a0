"""Segments under a name: whose they are, who sees them, who changes them."""

import pytest
from django.http import QueryDict

from leads.models import Segment
from leads.segments import saved
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import NOW, Cast, person
from tests.leads.work.test_overrides import refusal

WHERE = "where=attribute:inbound:yes"


def save(actor: User, name: str = "Inbound", *, query: str = WHERE, shared: bool = False) -> Segment:
    return saved.save(name=name, query=query, shared=shared, actor=actor, at=NOW)


def test_it_is_private_until_it_is_shared(cast: Cast) -> None:
    noa = person("Noa", Role.MARKETING)
    mine = save(cast.mia)
    assert [list(saved.listed(user)) for user in (cast.mia, noa)] == [[mine], []]
    saved.change(slug=mine.slug, name="Inbound leads", shared=True, actor=cast.mia, at=NOW)
    assert [str(one) for one in saved.listed(noa)] == ["Inbound leads"]
    assert saved.get(slug=mine.slug, user=noa) == mine


@pytest.mark.parametrize("name", ["alice", "carol"])
def test_sales_has_none(cast: Cast, name: str) -> None:
    user = getattr(cast, name)
    segment = save(cast.mia, shared=True)
    assert refusal(lambda: save(user)) == "segment.not_yours"
    assert list(saved.listed(user)) == []
    assert refusal(lambda: saved.get(slug=segment.slug, user=user)) == "segment.not_found"


def test_only_its_owner_changes_and_deletes_it(cast: Cast) -> None:
    noa, slug = person("Noa", Role.MARKETING), save(cast.mia, shared=True).slug
    verbs = (
        lambda: saved.change(slug=slug, name="X", shared=False, actor=noa, at=NOW),
        lambda: saved.replace_list(slug=slug, query=WHERE, actor=noa, at=NOW),
        lambda: saved.delete(slug=slug, actor=noa, at=NOW),
    )
    assert [refusal(verb) for verb in verbs] == ["segment.not_yours"] * 3
    saved.replace_list(slug=slug, query="where=stage:none&page=3", actor=cast.mia, at=NOW)
    assert Segment.objects.get().query == "where=stage%3Anone"
    saved.delete(slug=slug, actor=cast.mia, at=NOW)
    assert not Segment.objects.exists()
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "segment.saved",
        "segment.list_replaced",
        "segment.deleted",
    }


def test_names_and_addresses_are_taken_once(cast: Cast) -> None:
    noa = person("Noa", Role.MARKETING)
    assert [save(user).slug for user in (cast.mia, noa)] == ["inbound", "inbound-2"]
    assert save(cast.mia, "New").slug == "new-2"
    assert refusal(lambda: save(cast.mia)) == "segment.taken"
    assert refusal(lambda: save(cast.mia, " ")) == "segment.name"


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "segment.empty"), ("after=x", "segment.empty"), ("where=attribute:x:is:y", "segment.condition")],
)
def test_it_asks_for_something_that_can_be_asked(cast: Cast, query: str, code: str) -> None:
    assert refusal(lambda: save(cast.mia, query=query)) == code


def test_an_address_is_kept_in_one_spelling() -> None:
    query = QueryDict("where=stage:none&where=stage:none&country=de&after=z&band=b&band=a&segment=x&where=")
    assert saved.kept(query) == "band=a&band=b&country=de&where=stage%3Anone"
