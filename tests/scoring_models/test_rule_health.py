"""Rule health: a planted example of each kind, and a clean model, which has no finding."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle

import pytest
from django.db import connection

from leads.ingestion.history import received
from leads.models import Lead, Outcome
from scoring_models.health.findings import Finding, Report
from scoring_models.health.lift import risk_ratio
from scoring_models.health.report import report
from scoring_models.health.selection import leads_behind
from scoring_models.health.subject import number, percent
from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
    Inactivity,
    Kind,
    Limits,
    Op,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.planting import plant
from tests.scoring_models.reference import REFERENCE

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
COUNT = 240

pytestmark = pytest.mark.django_db


def rule(
    key: str, points: int, condition: Condition, dimension: Dimension = Dimension.ENGAGEMENT
) -> RuleSpec:
    return RuleSpec(key, dimension, points, condition)


def fit(key: str, points: int, condition: Condition) -> RuleSpec:
    return rule(key, points, condition, Dimension.FIT)


def once(*types: str) -> SignalAtLeast:
    return SignalAtLeast(types, window_days=90)


def title(*values: str) -> AttributeCondition:
    return AttributeCondition("job_title", Kind.TEXT, Op.CONTAINS_ANY, values)


COUNTRY = AttributeCondition("country", Kind.TEXT, Op.IS_ANY_OF, ("de", "at"))
# Two to one, and every rule has its own leads.
CLEAN = Spec(
    model="Clean",
    rules=(
        rule("comments", 10, SignalEach(("post_comment",), at_most=2, window_days=90)),
        rule("demo", 20, once("demo_request")),
        rule("idle", -5, Inactivity(("post_comment", "demo_request"), days=60)),
        fit("title", 12, title("head")),
        fit("country", 8, COUNTRY),
    ),
    bands=(BandSpec("low", "Low", None), BandSpec("mid", "Mid", 20), BandSpec("high", "High", 40)),
    engagement=Limits(cap=40),
    fit=Limits(cap=20),
)


def lead(place: int) -> LeadFacts:
    """Leads of a prime pattern each, so that no two rules go together by accident."""
    person = {"job_title": "Head of Sales" if place % 3 == 0 else "Clerk"}
    if place % 5:
        person["country"] = "DE" if place % 2 else "FR"
    did = [("post_comment", 5)] * (place % 7 == 0) + [("post_comment", 9)] * (place % 11 == 0)
    did += [("demo_request", 3)] * (place % 5 == 1)
    signals = tuple(SignalFact(key, NOW - timedelta(days=ago)) for key, ago in did)
    return LeadFacts(NOW - timedelta(days=10 if place % 4 else 100), person, None, signals)


@pytest.fixture
def leads() -> list[int]:
    return plant([lead(place) for place in range(COUNT)])


def with_rules(*rules: RuleSpec, spec: Spec = CLEAN) -> Spec:
    return replace(spec, rules=(*spec.rules, *rules))


def of_kind(spec: Spec, kind: str) -> list[Finding]:
    return [finding for finding in report(spec, at=NOW).findings if finding.kind == kind]


def the(spec: Spec, kind: str) -> Finding:
    """The one finding of a kind, whose leads are exactly as many as it says."""
    [finding] = of_kind(spec, kind)
    assert len(leads_behind(spec, finding.leads, at=NOW, size=1000)) == finding.count
    return finding


def behind(spec: Spec, finding: Finding) -> list[int]:
    return [row.lead.pk for row in leads_behind(spec, finding.leads, at=NOW, size=1000)]


def copy(lead: Lead, *, times: int) -> None:
    """More leads like this one; Django's own way takes a hundred times as long for ten thousand."""
    columns = ", ".join(str(field.column) for field in Lead._meta.concrete_fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO leads_lead ({columns}) SELECT {columns} FROM leads_lead, generate_series(1, %s)"
            " WHERE id = %s",
            [times, lead.pk],
        )


def test_a_clean_model_has_no_finding(leads: list[int]) -> None:
    found = report(CLEAN, at=NOW)
    assert found.findings == ()
    assert (found.leads, found.rules) == (COUNT, 5)


def test_a_rule_that_never_fires(leads: list[int]) -> None:
    finding = the(with_rules(rule("webinar", 1, once("webinar_attended"))), "never_fires")
    assert finding.rules == ("webinar",)
    assert finding.sentence.endswith("counts for none of 240 leads.")
    assert finding.count == COUNT


def test_in_a_small_company_a_rule_may_not_have_met_its_lead_yet() -> None:
    plant([lead(place) for place in range(99)])
    assert not of_kind(with_rules(rule("webinar", 1, once("webinar_attended"))), "never_fires")


def test_a_rule_that_hardly_ever_fires(leads: list[int]) -> None:
    copy(Lead.objects.create(job_title="clerk", country="fr", created_at=NOW), times=9_999)
    received(at=NOW - timedelta(days=1))
    Lead.objects.filter(pk=leads[7]).update(city="lima")
    city = AttributeCondition("city", Kind.TEXT, Op.IS, ("lima",))
    finding = the(with_rules(fit("lima", 1, city)), "never_fires")
    assert "counts for 1 of 10,240 leads" in finding.sentence
    assert behind(with_rules(fit("lima", 1, city)), finding) == [leads[7]]


def test_a_rule_that_always_fires(leads: list[int]) -> None:
    spec = with_rules(fit("titled", 1, AttributeCondition("job_title", Kind.TEXT, Op.IS_SET)))
    finding = the(spec, "always_fires")
    assert (finding.rules, finding.count) == (("titled",), COUNT)


def test_a_rule_that_another_implies(leads: list[int]) -> None:
    spec = with_rules(rule("talked", 1, once("demo_request", "post_comment")))
    findings = of_kind(spec, "implied")
    assert {finding.rules for finding in findings} == {("demo", "talked"), ("comments", "talked")}
    assert all("and for each of them so does" in finding.sentence for finding in findings)


def test_two_rules_that_always_count_together_are_one_finding(leads: list[int]) -> None:
    finding = the(with_rules(rule("again", 2, once("demo_request"))), "implied")
    assert finding.rules == ("demo", "again")
    assert "always count together, for 48 leads" in finding.sentence


def test_a_rule_that_the_cap_hides(leads: list[int]) -> None:
    spec = replace(CLEAN, engagement=Limits(cap=20))
    spec = with_rules(rule("asked", 20, SignalAtLeast(("demo_request",))), spec=spec)
    findings = of_kind(spec, "hidden_by_cap")
    assert {finding.rules for finding in findings} == {("asked",), ("demo",)}
    assert all(len(behind(spec, finding)) == finding.count == 48 for finding in findings)
    assert "the cap of 20 is reached without it" in findings[0].sentence


def test_rules_that_take_each_other_back(leads: list[int]) -> None:
    finding = the(with_rules(fit("no-head", -12, title("head"))), "contradictory")
    assert finding.rules == ("title", "no-head")
    assert (finding.count, finding.weight) == (80, 90)


def test_rules_that_say_the_opposite_in_other_words(leads: list[int]) -> None:
    finding = the(with_rules(fit("no-head", -3, title("head of sales"))), "contradictory")
    assert "“" in finding.sentence and "−3" in finding.sentence


@pytest.mark.parametrize(
    ("bands", "ceiling", "sentence"),
    [
        ((None, 20, 61), None, "No lead can be B2: it begins at 61, and no score is above 60."),
        ((None, 0, 20), None, "No lead can be B0: the next band begins at 0, and no score is below 0."),
        ((None, 20, 50), 49, "No lead can be B2: it begins at 50, and no score is above 49."),
    ],
)
def test_a_band_that_no_lead_can_reach(
    bands: Sequence[int | None], ceiling: int | None, sentence: str, leads: list[int]
) -> None:
    named = tuple(BandSpec(f"b{rank}", f"B{rank}", edge) for rank, edge in enumerate(bands))
    finding = the(replace(CLEAN, bands=named, ceiling=ceiling), "unreachable_band")
    assert finding.sentence == sentence


def test_the_edge_of_what_is_possible_is_reachable(leads: list[int]) -> None:
    bands = (BandSpec("low", "Low", None), BandSpec("mid", "Mid", 20), BandSpec("top", "Top", 60))
    assert not of_kind(replace(CLEAN, bands=bands), "unreachable_band")


def test_an_attribute_that_most_leads_do_not_have(leads: list[int]) -> None:
    ssi = AttributeCondition("ssi_score", Kind.NUMBER, Op.AT_LEAST, (Decimal(70),))
    received(at=NOW - timedelta(days=1))
    Lead.objects.filter(pk__in=leads[:60]).update(ssi_score=80)
    finding = the(with_rules(fit("ssi", 1, ssi)), "empty_field")
    assert "is missing for 180 of 240 leads (75 %). 1 rule needs it." in finding.sentence
    assert set(behind(with_rules(fit("ssi", 1, ssi)), finding)) == set(leads[60:])


def test_an_attribute_that_only_decides_when_a_rule_counts_is_needed_too() -> None:
    known = [
        replace(lead(place), person={**lead(place).person, "seniority": "Senior"}) for place in range(50)
    ]
    plant([*known, *(lead(place) for place in range(50, COUNT))])
    seniority = AttributeCondition("seniority", Kind.TEXT, Op.IS, ("senior",))
    finding = the(with_rules(replace(fit("clerk", 1, title("clerk")), only_when=(seniority,))), "empty_field")
    assert (finding.rules, finding.count) == (("clerk",), 190)


def test_a_list_without_values(leads: list[int]) -> None:
    rival = AttributeCondition("country", Kind.TEXT, Op.IS_NONE_OF, (), "rivals")
    spec = replace(with_rules(fit("rival", -9, rival)), lists=(("rivals", ()), ("unused", ())))
    finding = the(spec, "empty_list")
    assert "“rivals” is empty" in finding.sentence
    assert (finding.rules, finding.count) == (("rival",), COUNT)
    assert not of_kind(spec, "never_fires")


def test_points_for_signals_that_show_no_interest(leads: list[int]) -> None:
    plant([LeadFacts(NOW, {"job_title": "Clerk"}, None, (SignalFact("post_like", NOW),))])
    finding = the(with_rules(rule("likes", 1, once("post_like"))), "vanity")
    assert "gives +1 to 1 leads" in finding.sentence
    assert not of_kind(with_rules(rule("likes", -1, once("post_like"))), "vanity")


def test_a_band_that_hangs_on_one_rule(leads: list[int]) -> None:
    bands = (BandSpec("low", "Low", None), BandSpec("mid", "Mid", 20))
    spec = replace(CLEAN, rules=(CLEAN.rules[1], CLEAN.rules[3]), bands=bands)
    finding = the(spec, "carries_band")
    assert (finding.rules, finding.count) == (("demo",), 48)
    assert "48 of the 48 leads in Mid would not be there without" in finding.sentence


def test_more_rules_than_anybody_can_explain(leads: list[int]) -> None:
    more = [fit(f"more-{place}", 1, title(f"nobody {place}")) for place in range(17)]
    assert the(with_rules(*more), "too_many").sentence.startswith("22 rules are more than")
    assert not of_kind(with_rules(*more[:16]), "too_many")


# Balance.


def test_the_reference_model_needs_its_cap_for_balance(leads: list[int]) -> None:
    finding = the(replace(REFERENCE, engagement=Limits()), "balance")
    assert finding.sentence.startswith("Engagement is 83 % of the possible score (190 : 40).")
    assert not of_kind(REFERENCE, "balance")


@pytest.mark.parametrize(("cap", "warns"), [(59, True), (60, False), (70, False), (71, True)])
def test_balance_is_60_to_70_percent_ends_included(cap: int, warns: bool, leads: list[int]) -> None:
    rules = (rule("do", 100, once("demo_request")), fit("are", 100, title("head")))
    spec = replace(CLEAN, rules=rules, engagement=Limits(cap=cap), fit=Limits(cap=100 - cap))
    assert bool(of_kind(spec, "balance")) is warns
    if warns:
        the(spec, "balance")


# Lift.


def close(leads: Sequence[int], wins: Sequence[bool], *, ago: int = 1) -> None:
    won = cycle(wins)
    Outcome.objects.bulk_create(
        Outcome(
            lead_id=pk,
            kind="converted" if next(won) else "lost",
            at=NOW - timedelta(days=ago),
            recorded_at=NOW,
        )
        for pk in leads
    )


def test_lift_says_how_much_more_often_leads_of_a_rule_win(leads: list[int]) -> None:
    heads = leads[::3]
    close(heads, (True, False))
    close([pk for pk in leads if pk not in heads], (True, False, False, False))
    lift = {each.rule: each for each in report(CLEAN, at=NOW).lifts}["title"]
    assert (lift.leads, lift.won) == (80, 40)
    assert lift.low < 2 < lift.high
    assert lift.lift == pytest.approx((40.5 / 80.5) / (40.5 / 160.5))
    assert not of_kind(CLEAN, "against_outcomes")


def test_a_rule_that_outcomes_speak_against(leads: list[int]) -> None:
    heads = leads[::3]
    close(heads, (False,) * 9 + (True,))
    close([pk for pk in leads if pk not in heads], (True, False))
    finding = the(CLEAN, "against_outcomes")
    assert finding.rules == ("title",)
    assert "80 closed leads" in finding.sentence


def test_too_few_outcomes_say_nothing(leads: list[int]) -> None:
    close(leads[:99], (True, False))
    found = report(CLEAN, at=NOW)
    assert (found.lifts, found.outcomes) == ((), 99)


def test_what_came_after_the_outcome_lifts_nothing(leads: list[int]) -> None:
    """Demo requests came three days ago; a lead that closed five days ago closed without."""
    close(leads, (True, False), ago=5)
    assert "demo" not in {each.rule for each in report(CLEAN, at=NOW).lifts}


def test_an_interval_holds_where_nobody_won() -> None:
    ratio, low, high = risk_ratio(0, 50, 25, 50)
    assert 0 < low < ratio < high < 1


# Reports.


def test_a_report_is_kept_as_json_and_reads_back_the_same(leads: list[int]) -> None:
    close(leads, (True, False, False))
    found = report(with_rules(rule("webinar", 1, once("webinar_attended"))), at=NOW)
    assert Report.from_data(found.as_data()) == found
    assert found.findings and found.lifts


def test_the_weightiest_come_first_and_three_are_shown(leads: list[int]) -> None:
    spec = replace(
        with_rules(fit("no-head", -12, title("head")), rule("likes", 5, once("post_like"))),
        bands=(BandSpec("low", "Low", None), BandSpec("top", "Top", 999)),
    )
    found = report(spec, at=NOW)
    assert [finding.kind for finding in found.first] == ["unreachable_band", "contradictory", "vanity"]
    assert found.rest


def test_without_leads_only_the_rules_themselves_are_judged() -> None:
    assert report(CLEAN, at=NOW).findings == ()


def test_the_leads_behind_come_page_by_page(leads: list[int]) -> None:
    finding = the(with_rules(fit("no-head", -12, title("head"))), "contradictory")
    spec, pages, after = with_rules(fit("no-head", -12, title("head"))), [], 0
    while rows := leads_behind(spec, finding.leads, at=NOW, after=after, size=33):
        pages.append([row.lead.pk for row in rows])
        after = pages[-1][-1]
    assert [len(page) for page in pages] == [33, 33, 14]
    assert [pk for page in pages for pk in page] == leads[::3]


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(1, 1000, "1 %"), (999, 1000, "99 %"), (0, 5, "0 %"), (5, 5, "100 %")]
)
def test_a_share_is_neither_nothing_nor_all_unless_it_is(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said
    assert number(1234) == "1,234"
