"""A draft that was overtaken, brought onto the live version: the verb and its page."""

from dataclasses import replace

import pytest

from leadscoring.audit.models import AuditEntry
from scoring_models import drafts, versions
from scoring_models.merge import Side
from scoring_models.models import ModelVersion
from scoring_models.rebase import is_stale, preview, rebase
from scoring_models.spec import Spec
from scoring_models.spec_text import InvalidVersion, spec_of
from tests.scoring_models.approving import approve
from tests.scoring_models.versions.conftest import LATER, NOW, Cast
from tests.scoring_models.versions.pages import client_of
from tests.scoring_models.versions.test_pages import page, post
from tests.scoring_models.versions.test_verbs import code


def points(spec: Spec, key: str, value: int) -> Spec:
    return replace(spec, rules=tuple(replace(r, points=value) if r.key == key else r for r in spec.rules))


def points_of(version: ModelVersion) -> dict[str, int]:
    return {rule.key: rule.points for rule in spec_of(version).rules}


def make_live(spec: Spec, cast: Cast) -> ModelVersion:
    version = drafts.create(spec=spec, actor=cast.milo, at=NOW)
    version = versions.submit(version=version, actor=cast.milo, at=NOW)
    version = approve(version, actor=cast.nina, at=NOW)
    versions.activate(version=version, actor=cast.nina, at=LATER)
    return version


@pytest.fixture
def mine(live: ModelVersion, cast: Cast) -> ModelVersion:
    """Mara's draft: comments 25, profile views 30."""
    spec = points(points(spec_of(live), "comments", 25), "profile-views", 30)
    return drafts.create(spec=spec, actor=cast.mara, at=NOW, note="Comments close better.")


@pytest.fixture
def theirs(mine: ModelVersion, live: ModelVersion, cast: Cast) -> ModelVersion:
    """Milo's, live since: fit capped at 50, profile views 10."""
    spec = points(spec_of(live), "profile-views", 10)
    return make_live(replace(spec, fit=replace(spec.fit, cap=50)), cast)


CHOICES = {("rule", "profile-views"): Side.MINE}


def test_a_draft_is_stale_once_another_version_is_live(
    live: ModelVersion, mine: ModelVersion, cast: Cast
) -> None:
    assert not is_stale(mine, at=NOW)
    assert code(lambda: preview(version=mine, choices={}, at=NOW)) == "not_stale"
    make_live(points(spec_of(live), "comments", 21), cast)
    assert is_stale(mine, at=LATER)
    assert not is_stale(live, at=LATER)


def test_the_new_draft_is_the_live_version_with_the_changes(
    mine: ModelVersion, theirs: ModelVersion, cast: Cast
) -> None:
    draft = rebase(version=mine, onto=theirs.pk, choices=CHOICES, actor=cast.mara, at=LATER)
    spec = spec_of(draft)
    assert (points_of(draft)["comments"], points_of(draft)["profile-views"], spec.fit.cap) == (25, 30, 50)
    assert (draft.based_on, draft.number) == (theirs, 4)
    assert draft.note == "Comments close better. The changes of version 2, brought onto version 3."
    assert not is_stale(draft, at=LATER)
    entry = AuditEntry.objects.get(action="version.rebased")
    assert (entry.object_id, entry.data["source"], entry.data["onto"]) == (str(draft.pk), mine.pk, theirs.pk)
    assert ModelVersion.objects.filter(pk=mine.pk, state="draft").exists()


def test_what_both_changed_is_decided_first(mine: ModelVersion, theirs: ModelVersion, cast: Cast) -> None:
    def undecided() -> object:
        return rebase(version=mine, onto=theirs.pk, choices={}, actor=cast.mara, at=LATER)

    assert code(undecided) == "undecided"
    choices = {("rule", "profile-views"): Side.THEIRS}
    draft = rebase(version=mine, onto=theirs.pk, choices=choices, actor=cast.mara, at=LATER)
    assert points_of(draft)["profile-views"] == 10


def test_another_version_that_went_live_meanwhile_is_told(
    live: ModelVersion, mine: ModelVersion, theirs: ModelVersion, cast: Cast
) -> None:
    assert (
        code(lambda: rebase(version=mine, onto=live.pk, choices=CHOICES, actor=cast.mara, at=LATER))
        == "changed_since"
    )


def test_what_does_not_fit_together_is_told(live: ModelVersion, cast: Cast) -> None:
    spec = spec_of(live)
    other = replace(spec.bands[1], key="warm", name="Warm", lower_edge=45)
    mine = drafts.create(spec=replace(spec, bands=(*spec.bands, other)), actor=cast.mara, at=NOW)
    make_live(replace(spec, bands=(*spec.bands, replace(other, key="cool", name="Cool"))), cast)
    with pytest.raises(InvalidVersion):
        preview(version=mine, choices={}, at=LATER)


@pytest.mark.parametrize("name", ["nina", "rob", "ada"])
def test_only_marketing_brings_changes_over(
    name: str, mine: ModelVersion, theirs: ModelVersion, cast: Cast
) -> None:
    actor = getattr(cast, name)
    assert (
        code(lambda: rebase(version=mine, onto=theirs.pk, choices=CHOICES, actor=actor, at=LATER))
        == "not_allowed"
    )


# The page.


def test_the_page_asks_shows_and_makes_the_draft(
    mine: ModelVersion, theirs: ModelVersion, cast: Cast
) -> None:
    mara = client_of(cast.mara)
    there = f"/models/{mine.pk}/rebase/"
    assert there in page(mara, f"/models/{mine.pk}/")
    html = page(mara, there)
    assert "1 to decide" in html
    assert "Make this draft" not in html
    assert html.count("<ins>+25</ins>") == 1
    html = page(mara, f"{there}?choice:rule:profile-views=mine")
    assert "<ins>+30</ins>" in html
    assert not ModelVersion.objects.filter(number=4).exists()
    fields = {"choice:rule:profile-views": "mine", "onto": str(theirs.pk)}
    assert "Send for approval" in post(mara, there, fields)
    assert points_of(ModelVersion.objects.get(number=4))["profile-views"] == 30


def test_what_is_refused_is_told_on_the_page(mine: ModelVersion, theirs: ModelVersion, cast: Cast) -> None:
    html = post(client_of(cast.mara), f"/models/{mine.pk}/rebase/", onto=str(theirs.pk), status=400)
    assert "Choose one side for each" in html


def test_a_manager_who_may_not_put_it_live_is_shown_why(
    mine: ModelVersion, live: ModelVersion, cast: Cast
) -> None:
    sent = versions.submit(version=mine, actor=cast.mara, at=NOW)
    approved = approve(sent, actor=cast.nina, at=NOW)
    make_live(points(spec_of(live), "profile-views", 10), cast)
    nina = client_of(cast.nina)
    here = f"/models/{approved.pk}/"
    html = post(nina, f"{here}activate/", next=here)
    assert "went live since this draft was cut" in html
    assert f"{here}rebase/" in html
    assert "Put live" not in html
    html = page(nina, f"{here}rebase/?choice:rule:profile-views=theirs")
    assert "Somebody of marketing makes the draft" in html
    assert "Make this draft" not in html


@pytest.mark.parametrize("name", ["rob", "ada"])
def test_the_page_is_closed_to_others(
    name: str, mine: ModelVersion, theirs: ModelVersion, cast: Cast
) -> None:
    client = client_of(getattr(cast, name))
    page(client, f"/models/{mine.pk}/rebase/", status=403)
    post(client, f"/models/{mine.pk}/rebase/", onto=str(theirs.pk), status=403)


def test_looking_changes_nothing(mine: ModelVersion, theirs: ModelVersion, cast: Cast) -> None:
    before = ModelVersion.objects.count(), AuditEntry.objects.count()
    page(client_of(cast.mara), f"/models/{mine.pk}/rebase/?choice:rule:profile-views=mine&onto={theirs.pk}")
    assert (ModelVersion.objects.count(), AuditEntry.objects.count()) == before
