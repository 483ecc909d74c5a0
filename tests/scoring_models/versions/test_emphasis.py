"""What of a rule's sentence is set apart."""

import pytest

from scoring_models.emphasis import emphasised
from scoring_models.spec import (
    AttributeCondition,
    Condition,
    Dimension,
    Inactivity,
    Kind,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
)
from scoring_models.vocabulary import AttributeWord, SignalWord, Vocabulary

WORDS = Vocabulary(
    attributes={"job_title": AttributeWord("Job title", Kind.TEXT), "ssi": AttributeWord("SSI", Kind.NUMBER)},
    signal_types={
        "view": SignalWord("Viewed the profile", is_engagement=True),
        "save": SignalWord("Saved <content>", is_engagement=True),
    },
)


@pytest.mark.parametrize(
    ("condition", "html"),
    [
        (
            SignalAtLeast(("view",), 3, 30),
            "<b>Viewed the profile</b> at least <b>3</b> times in the last <b>30</b> days",
        ),
        (
            SignalEach(("view", "save"), 2, where=(PropertyCondition("topic", Op.IS, ("a & b",)),)),
            "<b>Viewed the profile</b> or <b>saved &lt;content&gt;</b> (<b>topic</b> is <b>a &amp; b</b>),"
            " each time, up to <b>2</b>",
        ),
        (
            AttributeCondition("job_title", Kind.TEXT, Op.CONTAINS_ANY, ("vp", "a"), given=("VP", "a")),
            "<b>Job title</b> contains any of <b>VP, a</b>",
        ),
        (Inactivity(("save", "view"), 90), "No engagement for <b>90</b> days"),
    ],
)
def test_what_somebody_chose_is_set_apart_and_nothing_else(condition: Condition, html: str) -> None:
    assert emphasised(RuleSpec("rule", Dimension.FIT, 5, condition), WORDS) == html


def test_what_a_rule_hangs_on_is_set_apart_too() -> None:
    idle = RuleSpec(
        "rule",
        Dimension.FIT,
        5,
        Inactivity(("save", "view"), 9),
        only_when=(AttributeCondition("ssi", Kind.NUMBER, Op.IS_SET),),
    )
    assert emphasised(idle, WORDS) == "No engagement for <b>9</b> days, only when <b>SSI</b> is known"
