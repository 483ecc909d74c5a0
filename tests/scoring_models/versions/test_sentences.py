"""Rules in words."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from scoring_models.sentences import sentence, short
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Condition,
    Dimension,
    HalfLife,
    Inactivity,
    Kind,
    Linear,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
)
from scoring_models.vocabulary import AttributeWord, SignalWord, Vocabulary

WORDS = Vocabulary(
    attributes={
        "job_title": AttributeWord("Job title", Kind.TEXT),
        "ssi": AttributeWord("LinkedIn SSI", Kind.NUMBER),
        "inbound": AttributeWord("Inbound", Kind.BOOLEAN),
        "trial": AttributeWord("Trial started", Kind.DATE),
    },
    signal_types={
        "view": SignalWord("Viewed the profile", is_engagement=True),
        "save": SignalWord("Saved content", is_engagement=True),
        "share": SignalWord("Shared content", is_engagement=True),
        "follow": SignalWord("LinkedIn follow"),
    },
)


def title(op: Op, *values: str, **given: object) -> AttributeCondition:
    return AttributeCondition("job_title", Kind.TEXT, op, values, **given)  # type: ignore[arg-type]


def date(op: Op, *values: datetime | Decimal) -> AttributeCondition:
    return AttributeCondition("trial", Kind.DATE, op, values)


def number(op: Op, *values: Decimal) -> AttributeCondition:
    return AttributeCondition("ssi", Kind.NUMBER, op, values)


def where(name: str, op: Op, *values: str | Decimal) -> tuple[PropertyCondition, ...]:
    return (PropertyCondition(name, op, values),)


CASES: list[tuple[Condition, str, str]] = [
    (
        SignalAtLeast(("view",), 1, 60, where("path", Op.CONTAINS_ANY, "pricing"), Linear()),
        "Viewed the profile (path contains any of pricing) at least once in the last 60 days,"
        " less each day until none is left",
        "Viewed the profile (path contains any of pricing)",
    ),
    (
        SignalEach(("view",), 3, decay=HalfLife(30), where=where("is_question", Op.IS_TRUE)),
        "Viewed the profile (is question is yes), each time, up to 3, half as much after each 30 days",
        "Viewed the profile (is question is yes)",
    ),
    (
        AccountActivity(("view", "save"), 2, 30),
        "At least 2 other people at the company: Viewed the profile or saved content in the last 30 days",
        "At least 2 other people at the company: Viewed the profile or saved content",
    ),
    (
        Inactivity(("save", "share", "view"), 90, 30, 3),
        "No engagement for 90 days, again after each further 30 days, up to 3 times in all",
        "No engagement for 90 days, again after each further 30 days, up to 3 times in all",
    ),
    (
        SignalAtLeast(("view",), 3, 30),
        "Viewed the profile at least 3 times in the last 30 days",
        "Viewed the profile at least 3 times",
    ),
    (
        SignalAtLeast(("save", "share"), 1, 90),
        "Saved content or shared content at least once in the last 90 days",
        "Saved content or shared content",
    ),
    (
        SignalAtLeast(("view", "follow"), 1, 1),
        "Viewed the profile or LinkedIn follow at least once in the last 1 day",
        "Viewed the profile or LinkedIn follow",
    ),
    (SignalAtLeast(("gone",)), "gone at least once", "gone"),
    (
        SignalEach(("view",), 3, 90),
        "Viewed the profile, each time, up to 3 in the last 90 days",
        "Viewed the profile",
    ),
    (
        Inactivity(("save", "share", "view"), 90),
        "No engagement for 90 days",
        "No engagement for 90 days",
    ),
    (Inactivity(("follow",), 7), "No “LinkedIn follow” for 7 days", "No “LinkedIn follow” for 7 days"),
    (
        title(Op.CONTAINS_ANY, "vp", "head", list_name="target titles", given=("VP", "Head")),
        "Job title contains any of VP, Head",
        "Job title is in “target titles”",
    ),
    (
        title(Op.CONTAINS_ANY, list_name="target titles"),
        "Job title contains any of the list “target titles”, which is empty",
        "Job title is in “target titles”",
    ),
    (
        title(Op.IS_ANY_OF, *"abcdefgh"),
        "Job title is any of a, b, c, d, e and 3 more",
        "Job title is any of a, b, c, d, e and 3 more",
    ),
    (
        title(Op.IS_ANY_OF, "51-200", "501-1,000"),
        "Job title is any of 51-200; 501-1,000",
        "Job title is any of 51-200; 501-1,000",
    ),
    (title(Op.IS_NOT, "intern"), "Job title is not intern", "Job title is not intern"),
    (title(Op.IS_NOT_SET), "Job title is not known", "Job title is not known"),
    (number(Op.AT_LEAST, Decimal("70.0")), "LinkedIn SSI is at least 70", "LinkedIn SSI is at least 70"),
    (
        number(Op.BETWEEN, Decimal(1), Decimal(2)),
        "LinkedIn SSI is between 1 and 2",
        "LinkedIn SSI is between 1 and 2",
    ),
    (AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_TRUE), "Inbound", "Inbound"),
    (AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_FALSE), "Inbound: no", "Inbound: no"),
    (
        date(Op.WITHIN_DAYS, Decimal(14)),
        "Trial started in the last 14 days",
        "Trial started in the last 14 days",
    ),
    (
        date(Op.AT_LEAST, datetime(2026, 1, 31, tzinfo=UTC)),
        "Trial started is on or after 31 Jan 2026",
        "Trial started is on or after 31 Jan 2026",
    ),
    (
        date(Op.AT_MOST, datetime(2026, 1, 31, 8, tzinfo=UTC)),
        "Trial started is on or before 31 Jan 2026, 08:00 UTC",
        "Trial started is on or before 31 Jan 2026, 08:00 UTC",
    ),
]


@pytest.mark.parametrize(("condition", "whole", "brief"), CASES)
def test_a_rule_reads_as_a_sentence(condition: Condition, whole: str, brief: str) -> None:
    rule = RuleSpec("key", Dimension.FIT, 5, condition)
    assert sentence(rule, WORDS) == whole
    assert short(rule, WORDS) == brief


def test_only_when_is_said_last_and_left_out_where_room_is_short() -> None:
    countries = AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_TRUE)
    rule = RuleSpec(
        "r", Dimension.FIT, 5, SignalAtLeast(("view",)), only_when=(countries, title(Op.IS, "vp"))
    )
    assert sentence(rule, WORDS) == (
        "Viewed the profile at least once, only when Inbound and Job title is vp"
    )
    assert short(rule, WORDS) == "Viewed the profile"
