"""The reference model of docs/scoring.md, section 7, written out by hand, with its lists filled in."""

from decimal import Decimal

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

ENGAGEMENT = ("profile_view", "post_comment", "content_save", "content_share", "connection_request_received",
              "dm_received", "sales_conversation")  # fmt: skip


def engagement(key: str, points: int, condition: Condition) -> RuleSpec:
    return RuleSpec(key, Dimension.ENGAGEMENT, points, condition)


def fit(key: str, points: int, condition: AttributeCondition) -> RuleSpec:
    return RuleSpec(key, Dimension.FIT, points, condition)


def within_90_days(*types: str) -> SignalAtLeast:
    return SignalAtLeast(types, window_days=90)


REFERENCE = Spec(
    model="LinkedIn B2B",
    engagement=Limits(cap=90),
    fit=Limits(cap=40),
    lists=(("titles", ("vp", "head")), ("sizes", ("51-200",)), ("fields", ("software",)), ("no say", ())),
    engagement_types=ENGAGEMENT,
    intent_types=("connection_request_received", "dm_received", "sales_conversation"),
    rules=(
        engagement("profile-views", 25, SignalAtLeast(("profile_view",), at_least=3, window_days=30)),
        engagement("comments", 20, SignalEach(("post_comment",), at_most=3, window_days=90)),
        engagement("saves", 15, within_90_days("content_save", "content_share")),
        engagement("connection", 30, within_90_days("connection_request_received")),
        engagement("conversation", 40, within_90_days("dm_received")),
        engagement("sales", 20, within_90_days("sales_conversation")),
        engagement("idle", -15, Inactivity(ENGAGEMENT, days=90)),
        engagement("left", -30, AttributeCondition("unsubscribed", Kind.BOOLEAN, Op.IS_TRUE)),
        fit(
            "title", 15, AttributeCondition("job_title", Kind.TEXT, Op.CONTAINS_ANY, ("vp", "head"), "titles")
        ),
        fit("size", 10, AttributeCondition("company_size", Kind.TEXT, Op.IS_ANY_OF, ("51-200",), "sizes")),
        fit("industry", 10, AttributeCondition("industry", Kind.TEXT, Op.IS_ANY_OF, ("software",), "fields")),
        fit("ssi", 5, AttributeCondition("ssi_score", Kind.NUMBER, Op.AT_LEAST, (Decimal(70),))),
        fit("competitor", -20, AttributeCondition("is_competitor", Kind.BOOLEAN, Op.IS_TRUE)),
        fit("no-say", -10, AttributeCondition("job_title", Kind.TEXT, Op.CONTAINS_ANY, (), "no say")),
    ),
    bands=(
        BandSpec("nurture", "Nurture", None),
        BandSpec("mql", "MQL", 31),
        BandSpec("sql", "SQL", 61),
        BandSpec("hot", "Hot", 81),
    ),
)
