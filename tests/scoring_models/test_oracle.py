"""The oracle itself, on the reference model and the golden numbers of docs/scoring.md, section 7."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.text import normalise, words
from scoring_models.spec import (
    BandSpec,
    Condition,
    Dimension,
    HalfLife,
    Inactivity,
    Linear,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from tests import oracle, strategies
from tests.oracle import LeadFacts, SignalFact, Status, first_change, score
from tests.scoring_models.reference import REFERENCE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NURTURE, MQL, SQL, HOT = range(4)


def ago(days: float, *types: str) -> tuple[SignalFact, ...]:
    return tuple(SignalFact(type_, NOW - timedelta(days=days)) for type_ in types)


def lead(
    *signals: SignalFact, person: dict[str, oracle.Fact] | None = None, **account: oracle.Fact
) -> LeadFacts:
    return LeadFacts(NOW - timedelta(days=5), person or {}, account, signals)


EVERYTHING = (
    *ago(1, "profile_view", "profile_view", "profile_view", "post_comment", "post_comment", "post_comment"),
    *ago(2, "content_save", "connection_request_received", "dm_received", "sales_conversation"),
)


def test_a_vp_who_did_nothing_is_an_mql() -> None:
    result = score(
        REFERENCE,
        lead(person={"job_title": "VP of Engineering"}, company_size="51-200", industry="Software"),
        NOW,
    )
    assert (result.fit, result.engagement, result.total, result.band) == (35, 0, 35, MQL)


def test_a_senior_manager_who_commented_thrice_and_looked_twice_is_an_sql() -> None:
    signals = ago(3, "post_comment", "post_comment", "post_comment", "profile_view", "profile_view")
    manager = lead(
        *signals, company_size="51-200", industry="software", person={"job_title": "Senior Manager"}
    )
    result = score(REFERENCE, manager, NOW)
    assert (result.fit, result.engagement, result.total, result.band) == (20, 60, 80, SQL)


def test_a_comment_and_a_connection_request_lift_45_to_95() -> None:
    before = ago(1, "profile_view", "profile_view", "profile_view")
    after = (*before, *ago(0, "post_comment", "connection_request_received"))
    totals = [
        score(REFERENCE, lead(*signals, company_size="51-200", industry="software"), NOW).total
        for signals in (before, after)
    ]
    assert totals == [45, 95]


def test_everything_done_and_nothing_fits_is_hot_at_the_cap() -> None:
    result = score(REFERENCE, lead(*EVERYTHING), NOW)
    assert (result.engagement, result.fit, result.total, result.band) == (90, 0, 90, HOT)
    assert result.clips == (("cap:engagement", 90 - 190),)


def test_the_same_unsubscribed_is_60_since_a_cap_swallows_no_penalty() -> None:
    result = score(REFERENCE, lead(*EVERYTHING, *ago(0, "unsubscribed")), NOW)
    assert (result.total, result.band) == (60, MQL)


@pytest.mark.parametrize(
    ("signals", "unsubscribed"),
    [
        ((), False),
        (ago(1, "unsubscribed"), True),
        (ago(1, "unsubscribed", "resubscribed"), False),  # the same moment: the later one holds
        (ago(1, "resubscribed", "unsubscribed"), True),
        ((*ago(2, "unsubscribed"), *ago(1, "reconnected")), True),  # another matter
        ((*ago(2, "disconnected"), *ago(1, "resubscribed")), True),
        (ago(-1, "unsubscribed"), False),  # not yet
        ((SignalFact("unsubscribed", NOW, retracted_at=NOW),), False),
    ],
)
def test_unsubscribed_is_the_latest_word_and_always_known(
    signals: tuple[SignalFact, ...], unsubscribed: bool
) -> None:
    assert oracle.is_unsubscribed(lead(*signals).as_known(NOW, None), NOW) is unsubscribed


def status_of(key: str, of: LeadFacts, at: datetime = NOW) -> Status:
    return next(rule.status for rule in score(REFERENCE, of, at).rules if rule.key == key)


def test_a_missing_value_and_an_empty_list_cannot_be_told() -> None:
    assert status_of("title", lead()) is Status.UNKNOWN
    assert status_of("title", lead(person={"job_title": " \u3000 "})) is Status.UNKNOWN
    assert status_of("title", lead(person={"job_title": "Clerk"})) is Status.NOT_MET
    assert status_of("no-say", lead(person={"job_title": "Clerk"})) is Status.UNKNOWN


@pytest.mark.parametrize(
    ("text", "wanted", "contained"),
    [
        ("head of sales", "head of", True),
        ("sub-head of sales", "head", True),
        ("headless", "head", False),
        ("head, of", "head of", True),
        ("of head", "head of", False),
        ("c++ developer", "c", False),
        ("c++ developer", "c++", True),
        ("a_b", "a", False),
        ("e\u0301", "e", False),
        ("100%", "100", True),
        ("", "x", False),
    ],
)
def test_words_are_contained_as_runs_of_whole_words(text: str, wanted: str, contained: bool) -> None:
    assert oracle.contains_words(text, wanted) is contained


def test_text_has_one_normal_form() -> None:
    assert oracle.normal_form("  ＶＰ\u00a0 of\tStraße ") == "vp of strasse"
    assert oracle.normal_form("A\u030a") == oracle.normal_form("\u212b") == "\u00e5"
    assert oracle.normal_form("\u3000") is None


def test_a_window_ends_to_the_microsecond() -> None:
    viewed = lead(*ago(0, "profile_view", "profile_view", "profile_view"))
    end = NOW + timedelta(days=30)
    assert status_of("profile-views", viewed, end - timedelta(microseconds=1)) is Status.MET
    assert status_of("profile-views", viewed, end) is Status.NOT_MET
    assert first_change([REFERENCE], viewed, NOW) == end


def test_someone_who_never_did_anything_is_idle_from_their_creation_on() -> None:
    silent = lead()
    assert first_change([REFERENCE], silent, NOW) == silent.created_at + timedelta(days=90)
    assert status_of("idle", silent, silent.created_at + timedelta(days=90)) is Status.MET


@given(strategies.specs(), strategies.leads(), strategies.moments_asked())
def test_the_lines_of_any_score_add_up_to_its_total(spec: Spec, facts: LeadFacts, as_of: datetime) -> None:
    result = score(spec, facts, as_of)
    assert (
        sum(rule.points for rule in result.rules) + sum(points for _, points in result.clips) == result.total
    )


@given(st.text() | strategies.texts())
def test_the_product_normalises_text_as_the_oracle_does(text: str) -> None:
    normal = normalise(text)
    assert normal == oracle.normal_form(text)
    assert normal is None or words(normal) == " ".join(oracle.words_of(normal))


def units(condition: Condition, *signals: SignalFact, at: datetime = NOW) -> float:
    facts = LeadFacts(NOW - timedelta(days=400), {}, {}, signals)
    return score(strategies.spec_of([condition]), facts, at).rules[0].units


def test_what_fades_is_halved_or_shrinks_evenly() -> None:
    assert units(SignalAtLeast(("dm_received",), decay=HalfLife(30)), *ago(60, "dm_received")) == 0.25
    assert units(SignalAtLeast(("dm_received",), 1, 30, decay=Linear()), *ago(15, "dm_received")) == 0.5
    both = ago(30, "dm_received") + ago(60, "dm_received")
    assert units(SignalEach(("dm_received",), 3, decay=HalfLife(30)), *both) == 0.75


@pytest.mark.parametrize(
    ("product", "points"), [(2.5, 3), (-2.5, -3), (2.4999999996, 3), (2.499999999, 2), (0.4, 0)]
)
def test_a_contribution_is_rounded_twice_away_from_zero(product: float, points: int) -> None:
    assert oracle.rounded(product) == points


def test_idleness_counts_again_up_to_its_limit() -> None:
    idle = Inactivity(("dm_received",), 30, again_every_days=10, at_most=3)
    found = [units(idle, *ago(0, "dm_received"), at=NOW + timedelta(days=d)) for d in (29, 30, 40, 50, 90)]
    assert found == [0, 1, 2, 3, 3]


def test_the_first_change_of_what_fades_is_when_a_point_is_lost() -> None:
    rule = RuleSpec("fades", Dimension.FIT, 10, SignalAtLeast(("dm_received",), 1, 20, decay=Linear()))
    spec = Spec("Test", (rule,), (BandSpec("all", "All", None),))
    change = first_change([spec], lead(*ago(0, "dm_received")), NOW)
    assert change is not None
    assert timedelta() < change - (NOW + timedelta(days=1)) < timedelta(seconds=1)


def test_the_best_question_narrows_the_range_most() -> None:
    somebody = lead(person={"job_title": "VP"}, industry="software")
    result = score(REFERENCE, somebody, NOW)
    assert oracle.totals_possible(REFERENCE, result.rules) == set(range(0, 41, 5))
    assert oracle.best_question(REFERENCE, somebody, NOW) == "is_competitor"
