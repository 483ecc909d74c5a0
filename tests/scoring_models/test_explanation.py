"""What people read about a score: lines that add up, and evidence in plain words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from leads.models import Account, Lead
from leads.scorer import Coming, Explanation, Line, Status, scorer
from scoring_models import scoring
from scoring_models.explanation import explain
from scoring_models.models import ModelVersion
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Dimension,
    HalfLife,
    Inactivity,
    Kind,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
)
from tests.oracle import Fact, LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant
from tests.scoring_models.reference import REFERENCE

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
CAME = NOW - timedelta(days=5)


@pytest.fixture
def version() -> ModelVersion:
    return go_live(at=NOW - timedelta(days=400))


def ago(days: float, *types: str) -> tuple[SignalFact, ...]:
    return tuple(SignalFact(type_, NOW - timedelta(days=days)) for type_ in types)


def a_lead(*signals: SignalFact, account: dict[str, Fact] | None = None, **person: Fact) -> int:
    """A lead whose attributes are shown as they were given."""
    lead_id = plant([LeadFacts(CAME, person, account, signals)])[0]
    Lead.objects.filter(pk=lead_id).update(attributes=shown(person))
    Account.objects.filter(leads=lead_id).update(attributes=shown(account or {}))
    return lead_id


def shown(given: dict[str, Fact]) -> dict[str, object]:
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in given.items()}


def line(key: str, lead_id: int, version: ModelVersion, as_of: datetime = NOW) -> Line:
    explanation = explain(lead_id, version=version, as_of=as_of)
    return next(line for line in explanation.lines if line.key == key)


@pytest.mark.parametrize(
    ("key", "signals", "evidence"),
    [
        ("connection", ago(0, "connection_request_received"), "today 12:00, counts until 8 Jun"),
        ("connection", ago(1, "connection_request_received"), "yesterday 12:00, counts until 7 Jun"),
        ("connection", ago(89.5, "connection_request_received"), "11 Dec 2025, counts until tomorrow 00:00"),
        ("connection", ago(91, "connection_request_received"), "last 9 Dec 2025, would add 30"),
        ("connection", (), "not yet, would add 30"),
        ("connection", ago(-1, "connection_request_received"), "not yet, would add 30"),
        (
            "profile-views",
            ago(7, *["profile_view"] * 4),
            "4 times in 30 days, newest 3 Mar, counts until 2 Apr",
        ),
        ("profile-views", ago(7, *["profile_view"] * 2), "2 times in 30 days, newest 3 Mar, would add 25"),
        ("profile-views", ago(7, "profile_view"), "1 time in 30 days, newest 3 Mar, would add 25"),
        (
            "comments",
            (*ago(20, "post_comment"), *ago(7, "post_comment")),
            "2 times in 90 days, newest 3 Mar, one of them counts until 19 May",
        ),
        ("comments", ago(7, "post_comment"), "3 Mar, counts until 1 Jun"),
        ("idle", ago(3, "post_comment"), "newest 7 Mar, holds from 5 Jun, would take 15"),
        ("idle", ago(100, "post_comment"), "nothing since 30 Nov 2025"),
        ("idle", (), "came 5 Mar, holds from 3 Jun, would take 15"),
        ("left", (), "no, would take 30"),
        ("left", ago(3, "unsubscribed"), "since 7 Mar"),
        ("left", (*ago(5, "disconnected"), *ago(3, "unsubscribed"), *ago(1, "resubscribed")), "since 5 Mar"),
    ],
)
def test_signals_are_evidence_in_plain_words(
    version: ModelVersion, key: str, signals: tuple[SignalFact, ...], evidence: str
) -> None:
    assert line(key, a_lead(*signals), version).evidence == evidence


def test_of_a_past_day_evidence_says_dates(version: ModelVersion) -> None:
    lead_id = a_lead(*ago(1, "connection_request_received"))
    said = explain(lead_id, version=version, as_of=NOW, is_past=True).lines
    (found,) = (each.evidence for each in said if each.key == "connection")
    assert found == "9 Mar 12:00, counts until 7 Jun"


def test_nothing_since_they_came(version: ModelVersion) -> None:
    later = CAME + timedelta(days=90)
    assert line("idle", a_lead(), version, later).evidence == "nothing since they came, 5 Mar"


@pytest.mark.parametrize(
    ("key", "person", "account", "evidence"),
    [
        ("title", {"job_title": "Head of Operations"}, None, "Head of Operations"),
        ("title", {"job_title": "Clerk"}, None, "Clerk, would add 15"),
        ("title", {}, None, "Job title is missing, would add 15"),
        ("no-say", {"job_title": "Clerk"}, None, "the list “no say” is empty, would take 10"),
        ("ssi", {"ssi_score": Decimal("74")}, None, "74"),
        ("ssi", {}, None, "LinkedIn SSI is missing, would add 5"),
        ("industry", {}, {"industry": "Logistics"}, "Logistics, would add 10"),
        ("industry", {}, None, "Industry is missing, would add 10"),
        ("competitor", {}, {"is_competitor": False}, "no, would take 20"),
        ("competitor", {}, {"is_competitor": True}, "yes"),
    ],
)
def test_attributes_are_evidence_as_they_were_given(
    version: ModelVersion, key: str, person: dict[str, Fact], account: dict[str, Fact] | None, evidence: str
) -> None:
    assert line(key, a_lead(account=account, **person), version).evidence == evidence


def everything() -> tuple[SignalFact, ...]:
    return (
        *ago(1, *["profile_view"] * 3, *["post_comment"] * 3, "content_save", "connection_request_received"),
        *ago(2, "dm_received", "sales_conversation", "unsubscribed"),
    )


def test_the_lines_add_up_with_what_the_cap_took(version: ModelVersion) -> None:
    explanation = explain(a_lead(*everything(), job_title="VP"), version=version, as_of=NOW)
    assert (explanation.engagement, explanation.fit, explanation.total) == (60, 15, 75)
    assert sum(line.points for line in explanation.lines) == 75
    cap = explanation.lines[-1]
    assert (cap.key, cap.dimension, cap.status, cap.points) == (
        "cap:engagement",
        "engagement",
        Status.CLIP,
        -100,
    )
    assert cap.sentence == "Engagement counts at most 90"
    assert explanation.band.key == "sql"


def test_the_floor_of_the_total_is_a_line_of_its_own(version: ModelVersion) -> None:
    explanation = explain(a_lead(*ago(1, "unsubscribed")), version=version, as_of=NOW)
    assert [(line.key, line.points) for line in explanation.lines if line.points] == [
        ("left", -30),
        ("floor", 30),
    ]
    assert explanation.total == 0


def test_every_rule_is_listed_with_what_it_would_give(version: ModelVersion) -> None:
    explanation = explain(a_lead(*ago(1, "dm_received")), version=version, as_of=NOW)
    found = {line.key: (line.status, line.points, line.would_give) for line in explanation.lines}
    assert len(found) == 14
    assert found["conversation"] == (Status.MET, 40, 0)
    assert found["connection"] == (Status.NOT_MET, 0, 30)
    assert found["title"] == (Status.UNKNOWN, 0, 15)


def test_a_met_rule_says_until_when_and_the_score_when_it_is_due(version: ModelVersion) -> None:
    lead_id = a_lead(*ago(1, "dm_received"))
    end = NOW + timedelta(days=89)
    assert line("conversation", lead_id, version).until == end
    assert line("connection", lead_id, version).until is None
    assert explain(lead_id, version=version, as_of=NOW).due_at == end


def test_an_unknown_lead_is_an_error(version: ModelVersion) -> None:
    with pytest.raises(Lead.DoesNotExist):
        explain(1, version=version, as_of=NOW)


# The scorer, as pages use it.


def test_the_scale_is_the_live_version(version: ModelVersion) -> None:
    [scale] = scorer().scales().live
    assert (scale.version_id, scale.label, scale.floor) == (version.pk, "LinkedIn B2B, version 1", 0)
    assert [(band.rank, band.key, band.lower_edge) for band in scale.bands] == [
        (-4, "nurture", None),
        (-3, "mql", 31),
        (-2, "sql", 61),
        (-1, "hot", 81),
    ]


def test_without_a_live_model_there_is_no_scale_and_no_explanation() -> None:
    assert scorer().scales().all == ()
    assert scorer().explain(a_lead(), as_of=NOW) is None
    assert scorer().reasons([1]) == {}


def test_what_is_coming_is_what_will_be_explained_then(version: ModelVersion) -> None:
    lead_id = a_lead(*ago(1, "dm_received"), *ago(40, "connection_request_received"), job_title="VP")
    now, steps = scorer().explain(lead_id, as_of=NOW), 0
    while now is not None and now.due_at is not None:
        coming = scorer().coming(lead_id, at=now.due_at)
        now = scorer().explain(lead_id, as_of=now.due_at)
        assert now is not None
        assert coming == Coming(now.as_of, now.total, now.band, now.due_at)
        steps += 1
    assert steps == 2


def test_nothing_is_coming_of_whom_nothing_scores(version: ModelVersion) -> None:
    lead_id = a_lead()
    Lead.objects.filter(pk=lead_id).update(objected_at=NOW)
    assert scorer().explain(lead_id, as_of=NOW) is None
    assert scorer().coming(lead_id, at=NOW) is None


def test_a_moment_before_the_first_version_is_explained_by_the_live_one(version: ModelVersion) -> None:
    early = NOW - timedelta(days=500)
    explanation = scorer().explain(a_lead(), as_of=early)
    assert isinstance(explanation, Explanation)
    assert (explanation.as_of, explanation.version_id) == (early, version.pk)


def test_stored_reasons_come_strongest_first_with_all_that_each_gave(version: ModelVersion) -> None:
    now = datetime.now(UTC)
    signals = (*[SignalFact("post_comment", now)] * 3, SignalFact("unsubscribed", now))
    lead_id, other = a_lead(*signals, job_title="VP"), a_lead()
    scoring.score_leads([lead_id, other])
    reasons = scorer().reasons([lead_id, other, 0])
    assert [(reason.key, reason.points) for reason in reasons[lead_id]] == [
        ("comments", 60),
        ("left", -30),
        ("title", 15),
    ]
    assert reasons[lead_id][0].sentence == "Commented on a post"
    assert 0 not in reasons


def test_reasons_of_many_leads_take_no_more_queries_than_those_of_one(version: ModelVersion) -> None:
    leads = [a_lead(*ago(1, "post_comment")) for _ in range(5)]
    scoring.score_leads(leads)
    scorer().reasons(leads)
    with CaptureQueriesContext(connection) as one:
        scorer().reasons(leads[:1])
    with CaptureQueriesContext(connection) as many:
        scorer().reasons(leads)
    assert len(one) == len(many) == 1


def test_until_they_are_rescored_reasons_are_those_of_the_version_that_scored(version: ModelVersion) -> None:
    lead_id = a_lead(SignalFact("post_comment", datetime.now(UTC)))
    scoring.score_leads([lead_id])
    go_live(replace(REFERENCE, model="Another", rules=REFERENCE.rules[-2:]))
    assert [reason.key for reason in scorer().reasons([lead_id])[lead_id]] == ["comments"]


def test_reasons_are_in_the_language_of_who_reads_them(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_id = a_lead(job_title="VP")
    scoring.score_leads([lead_id])
    english, *_others = scorer().reasons([lead_id])[lead_id]
    monkeypatch.setattr("django.utils.translation._trans.gettext", lambda text: f"auf Deutsch {text}")
    with override("de"):
        german, *_others = scorer().reasons([lead_id])[lead_id]
    assert german.sentence == f"auf Deutsch {english.sentence}"


FADES = RuleSpec(
    "fades",
    Dimension.ENGAGEMENT,
    20,
    SignalEach(("post_comment",), at_most=3, decay=HalfLife(30)),
    only_when=(AttributeCondition("country", Kind.TEXT, Op.IS_ANY_OF, ("de", "at"), given=("DE", "AT")),),
)
PRICED = RuleSpec(
    "priced",
    Dimension.ENGAGEMENT,
    15,
    SignalAtLeast(("page_view",), 2, 60, where=(PropertyCondition("path", Op.CONTAINS_ANY, ("pricing",)),)),
)
COMMITTEE = RuleSpec("committee", Dimension.ENGAGEMENT, 10, AccountActivity(("page_view",), 1, 30))
AGAIN = RuleSpec("again", Dimension.ENGAGEMENT, -5, Inactivity(("dm_received",), 30, 10, 3))


@pytest.fixture
def fading() -> ModelVersion:
    spec = replace(REFERENCE, model="Fading", rules=(FADES, AGAIN, PRICED, COMMITTEE), floor=None)
    return go_live(spec, at=NOW - timedelta(days=400))


@pytest.mark.parametrize(
    ("key", "signals", "country", "evidence"),
    [
        ("fades", ago(30, "post_comment"), "DE", "8 Feb, +10 until 12 Mar, then less"),
        (
            "fades",
            ago(30, "post_comment"),
            "FR",
            "8 Feb, only when Country is any of DE, AT: FR, would add 20",
        ),
        ("fades", (), "", "not yet, only when Country is any of DE, AT: Country is missing, would add 20"),
        ("again", ago(35, "dm_received"), "", "nothing since 3 Feb, counted 1 time, again from 15 Mar"),
        ("again", ago(60, "dm_received"), "", "nothing since 9 Jan, counted 3 times"),
    ],
)
def test_what_fades_and_what_counts_again_is_said(
    key: str, signals: tuple[SignalFact, ...], country: str, evidence: str, fading: ModelVersion
) -> None:
    lead_id = a_lead(*signals, country=country) if country else a_lead(*signals)
    assert line(key, lead_id, fading).evidence == evidence


def page_views(*days: int, path: str = "/pricing") -> tuple[SignalFact, ...]:
    return tuple(
        SignalFact("page_view", NOW - timedelta(days=day), properties={"path": path}) for day in days
    )


@pytest.mark.parametrize(
    ("signals", "evidence"),
    [
        (page_views(1, 2), "2 times in 60 days, newest yesterday 12:00, counts until 7 May"),
        (page_views(3) + page_views(1, path="/jobs"), "1 time in 60 days, newest 7 Mar, would add 15"),
        (page_views(1, 2, path="/jobs"), "none that match, would add 15"),
    ],
)
def test_only_signals_that_match_are_evidence(
    signals: tuple[SignalFact, ...], evidence: str, fading: ModelVersion
) -> None:
    assert line("priced", a_lead(*signals), fading).evidence == evidence


@pytest.mark.parametrize(
    ("others", "evidence"),
    [
        ((page_views(1), page_views(3)), "2 other people in 30 days, counts until 8 Apr"),
        ((page_views(31),), "nobody else at the company, would add 10"),
    ],
)
def test_colleagues_are_evidence(
    others: tuple[tuple[SignalFact, ...], ...], evidence: str, fading: ModelVersion
) -> None:
    colleagues = tuple(LeadFacts(CAME, {}, None, signals) for signals in others)
    (lead_id,) = plant([LeadFacts(CAME, {}, {}, colleagues=colleagues)])
    assert line("committee", lead_id, fading).evidence == evidence


def test_an_unknown_rule_says_what_it_would_give_as_it_has_faded(fading: ModelVersion) -> None:
    found = line("fades", a_lead(*ago(30, "post_comment")), fading)
    assert (found.status, found.points, found.would_give) == (Status.UNKNOWN, 0, 10)


def test_stored_reasons_of_faded_and_repeated_rules_add_up_to_the_score(fading: ModelVersion) -> None:
    month = timezone.now() - timedelta(days=31)  # scored by the clock, not at NOW
    lead_id = a_lead(SignalFact("post_comment", month), SignalFact("dm_received", month), country="de")
    scoring.score_leads([lead_id])
    reasons = scorer().reasons([lead_id])[lead_id]
    assert {reason.key: reason.points for reason in reasons} == {"fades": 10, "again": -5}
    assert sum(reason.points for reason in reasons) == Lead.objects.get(pk=lead_id).score.total


def test_what_is_missing_leaves_a_range_and_a_question(version: ModelVersion) -> None:
    found = explain(
        a_lead(*ago(1, "dm_received"), account={"industry": "software"}), version=version, as_of=NOW
    )
    assert (found.lowest, found.total, found.highest) == (20, 50, 80)
    assert found.question == "Is a competitor"


def test_where_nothing_is_missing_there_is_nothing_to_ask(fading: ModelVersion) -> None:
    found = explain(a_lead(*ago(1, "dm_received")), version=fading, as_of=NOW)
    assert found.question is None
    assert found.lowest == found.total == found.highest
