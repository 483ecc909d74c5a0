"""Golden leads: kept with a draft, checked by the engine, and a red one is not approved."""

from dataclasses import replace
from decimal import Decimal

import pytest

from leads.models import Lead
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from scoring_models import drafts, golden, versions
from scoring_models.evidence_pack import packs
from scoring_models.models import ModelVersion, VersionState
from scoring_models.spec import GoldenLead, GoldenSignal, Spec
from scoring_models.spec_text import parse, spec_of, to_yaml
from tests.scoring_models.approving import approve, evidence_of
from tests.scoring_models.versions.conftest import LATER, NOW, Cast
from tests.scoring_models.versions.pages import client_of

BUYER = GoldenLead(
    name="Ideal buyer",
    attributes=(("job_title", "VP Sales"),),
    signals=(GoldenSignal("dm_received", Decimal(2)),),
    expect_band="mql",
    expect_score=40,
)


@pytest.fixture
def draft(cast: Cast, reference: Spec) -> ModelVersion:
    """Mara's draft, without a golden lead yet."""
    return drafts.create(spec=replace(reference, golden=()), actor=cast.mara, at=NOW)


def add(draft: ModelVersion, cast: Cast, lead: GoldenLead = BUYER) -> None:
    golden.add(version=draft, lead=lead, actor=cast.mara, at=NOW)


def code(refusal: pytest.ExceptionInfo[DomainError]) -> str:
    return refusal.value.code


def reviewed(draft: ModelVersion, cast: Cast) -> ModelVersion:
    sent = versions.submit(version=draft, actor=cast.mara, at=NOW)
    return approve(sent, actor=cast.nina, at=LATER)


def test_a_golden_lead_is_kept_with_the_draft_and_comes_out_green(draft: ModelVersion, cast: Cast) -> None:
    add(draft, cast)
    spec = spec_of(draft)
    assert spec.golden == (BUYER,)
    [check] = golden.check(spec, as_of=NOW)
    assert check.is_green
    assert (check.expected, check.got) == ("MQL with 40", "is MQL with 40")
    assert Lead.objects.count() == 0


def test_a_green_one_lets_approval_through(draft: ModelVersion, cast: Cast) -> None:
    add(draft, cast)
    assert reviewed(draft, cast).state == VersionState.APPROVED


def test_a_red_one_blocks_approval_and_says_what_came_out(draft: ModelVersion, cast: Cast) -> None:
    add(draft, cast, replace(BUYER, expect_band="hot", expect_score=None))
    with pytest.raises(DomainError, match="“Ideal buyer” should be Hot and is MQL with 40") as refusal:
        reviewed(draft, cast)
    assert code(refusal) == "golden_red"
    assert ModelVersion.objects.get(pk=draft.pk).state == VersionState.IN_REVIEW


def test_a_refusal_names_three_and_counts_the_rest(draft: ModelVersion, cast: Cast) -> None:
    for number in range(5):
        add(draft, cast, replace(BUYER, name=f"Nr {number}", expect_score=number))
    with pytest.raises(DomainError) as refusal:
        golden.refuse_red(spec_of(draft), as_of=NOW)
    assert "“Nr 2” should be MQL with 2 and is MQL with 40. And 2 more." in refusal.value.sentence
    assert "Nr 3" not in refusal.value.sentence


@pytest.mark.parametrize(("band", "score", "green"), [
    ("mql", None, True), (None, 40, True), ("mql", 41, False), ("sql", 40, False), ("gone", None, False),
])  # fmt: skip
def test_all_that_is_expected_must_come_out(
    band: str | None, score: int | None, green: bool, reference: Spec
) -> None:
    spec = replace(reference, golden=(replace(BUYER, expect_band=band, expect_score=score),))
    [check] = golden.check(spec, as_of=NOW)
    assert check.is_green is green


def test_what_cannot_be_read_any_more_is_red_and_harms_no_other(reference: Spec) -> None:
    gone = replace(BUYER, name="Gone", attributes=(("shoe_size", "44"),))
    checks = golden.check(replace(reference, golden=(gone, BUYER)), as_of=NOW)
    assert [check.is_green for check in checks] == [False, True]
    assert "no attribute “shoe_size”" in checks[0].got


def test_a_file_keeps_golden_leads(draft: ModelVersion, cast: Cast) -> None:
    add(draft, cast)
    again = parse(to_yaml(spec_of(draft)))
    assert again.golden == (BUYER,)
    copy = drafts.create(spec=again, actor=cast.milo, at=NOW)
    assert spec_of(copy).golden == (BUYER,)


def test_removing_one_leaves_the_others(draft: ModelVersion, cast: Cast) -> None:
    add(draft, cast)
    add(draft, cast, replace(BUYER, name="Other"))
    golden.remove(version=draft, name="Other", actor=cast.mara, at=NOW)
    assert [lead.name for lead in spec_of(draft).golden] == ["Ideal buyer"]
    with pytest.raises(DomainError) as refusal:
        golden.remove(version=draft, name="Other", actor=cast.mara, at=NOW)
    assert code(refusal) == "golden.not_found"


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (replace(BUYER, expect_band=None, expect_score=None), "nothing_expected"),
        (replace(BUYER, expect_band="tepid"), "no_band"),
        (replace(BUYER, attributes=(("ssi_score", "much"),)), "cannot_read"),
    ],
)
def test_what_makes_no_golden_lead_is_refused(
    lead: GoldenLead, expected: str, draft: ModelVersion, cast: Cast
) -> None:
    with pytest.raises(DomainError) as refusal:
        add(draft, cast, lead)
    assert code(refusal) == expected


def test_a_name_is_used_once_and_there_is_an_end(
    draft: ModelVersion, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(draft, cast)
    with pytest.raises(DomainError) as refusal:
        add(draft, cast)
    assert code(refusal) == "golden_twice"
    monkeypatch.setattr(golden, "MOST", 1)
    with pytest.raises(DomainError) as refusal:
        add(draft, cast, replace(BUYER, name="Other"))
    assert code(refusal) == "too_many"


@pytest.mark.parametrize("name", ["nina", "rob", "ada"])
def test_only_marketing_changes_golden_leads(name: str, draft: ModelVersion, cast: Cast) -> None:
    actor = getattr(cast, name)
    with pytest.raises(DomainError) as refusal:
        golden.add(version=draft, lead=BUYER, actor=actor, at=NOW)
    assert code(refusal) == "not_allowed"
    with pytest.raises(DomainError) as refusal:
        golden.remove(version=draft, name="x", actor=actor, at=NOW)
    assert code(refusal) == "not_allowed"


def test_golden_leads_of_what_is_frozen_stay(in_review: ModelVersion, cast: Cast) -> None:
    with pytest.raises(DomainError) as refusal:
        add(in_review, cast)
    assert code(refusal) == "not_a_draft"


def test_whoever_adds_one_has_edited_the_draft(draft: ModelVersion, cast: Cast) -> None:
    golden.add(version=draft, lead=BUYER, actor=cast.both, at=NOW)
    assert cast.both in [editor.user for editor in draft.editors.all()]
    assert AuditEntry.objects.filter(action="version.golden_added", actor_id=cast.both.pk).exists()


def test_evidence_keeps_how_they_came_out(draft: ModelVersion, cast: Cast) -> None:
    add(draft, cast)
    add(draft, cast, replace(BUYER, name="Wrong", expect_band="hot", expect_score=None))
    sent = versions.submit(version=draft, actor=cast.mara, at=NOW)
    evidence_of(sent)
    pack = packs.newest(sent)
    assert pack is not None
    assert pack.content["golden"]["checks"] == [
        {"name": "Ideal buyer", "expected": "MQL with 40", "got": "is MQL with 40", "is_green": True},
        {"name": "Wrong", "expected": "Hot", "got": "is MQL with 40", "is_green": False},
    ]
    page = client_of(cast.nina).get(f"/models/{sent.pk}/review/").content.decode()
    assert "should be Hot and is MQL with 40" in page
