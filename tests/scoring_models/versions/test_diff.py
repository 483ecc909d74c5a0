"""Two versions compared in words."""

from dataclasses import replace

import pytest

from scoring_models.diff import diff
from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    GoldenLead,
    Kind,
    Limits,
    Op,
    PropertyCondition,
    SignalAtLeast,
    Spec,
)
from scoring_models.spec_text import parse, to_yaml
from scoring_models.vocabulary import current_vocabulary


def lines(old: Spec, new: Spec) -> list[str]:
    return list(diff(old, new, current_vocabulary()).lines())


def changed(spec: Spec, **changes: object) -> Spec:
    """The spec with other points, conditions or switches: rule key with _ to (name, value)."""
    wanted = {key.replace("_", "-"): change for key, change in changes.items()}
    rules = tuple(
        replace(rule, **wanted[rule.key]) if rule.key in wanted else rule  # type: ignore[arg-type]
        for rule in spec.rules
    )
    return replace(spec, rules=rules)


def test_equal_versions_do_not_differ(reference: Spec) -> None:
    assert not diff(reference, parse(to_yaml(reference)), current_vocabulary())


@pytest.mark.parametrize(
    ("key", "change", "said"),
    [
        (
            "comments",
            {"points": 25},
            "changed: Commented on a post, each time, up to 3 in the last 90 days (+20 → +25)",
        ),
        (
            "profile_views",
            {"condition": SignalAtLeast(("profile_view",), 3, 21)},
            "changed: Viewed the profile at least 3 times in the last 21 days (+25)",
        ),
        ("idle", {"enabled": False}, "changed: No engagement for 90 days (-15); turned off"),
        ("idle", {"note": "Why"}, "changed: No engagement for 90 days (-15); note: Why"),
    ],
)
def test_a_changed_rule(reference: Spec, key: str, change: dict[str, object], said: str) -> None:
    assert lines(reference, changed(reference, **{key: change})) == [said]


def test_a_changed_audience_golden_lead_and_only_when(reference: Spec) -> None:
    inbound = AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_TRUE)
    new = replace(
        changed(reference, idle={"only_when": (inbound,)}),
        audience=(inbound,),
        golden=(GoldenLead("Nobody", (("inbound", True),), (), "nurture", 0),),
    )
    assert lines(reference, new) == [
        "changed: No engagement for 90 days, only when Inbound (-15)",
        "changed: Who is scored: everybody → Inbound",
        "changed: Golden lead Nobody: – → Nurture → inbound: True → Nurture, 0",
    ]


def test_a_changed_value_of_a_property_is_not_missed(reference: Spec) -> None:
    def views(*values: str) -> dict[str, object]:
        where = PropertyCondition("path", Op.CONTAINS_ANY, values)
        return {"condition": SignalAtLeast(("profile_view",), where=(where,))}

    eight = "abcdefgh"
    old, new = (changed(reference, profile_views=views(*eight, last)) for last in "xy")
    (said,) = lines(old, new)
    assert said.endswith("its values changed")


def test_stages_differ_only_where_a_version_asks_for_them(reference: Spec) -> None:
    stage = AttributeCondition("journey_stage", Kind.CHOICE, Op.IS, ("decision",))
    other = replace(reference, stages=(("dm_received", "awareness"),))
    assert lines(reference, other) == []
    asking = (replace(spec, audience=(stage,)) for spec in (reference, other))
    assert "changed: Stage of “Started a conversation”: decision → awareness" in lines(*asking)


def test_a_changed_window_shows_both_sentences(reference: Spec) -> None:
    new = changed(reference, profile_views={"condition": SignalAtLeast(("profile_view",), 3, 21)})
    (rule,) = diff(reference, new, current_vocabulary()).rules
    assert rule.before == "Viewed the profile at least 3 times in the last 30 days"
    assert (rule.old_points, rule.new_points) == (25, 25)


def test_rules_that_came_and_went(reference: Spec) -> None:
    fewer = replace(reference, rules=reference.rules[1:])
    assert lines(reference, fewer) == [
        "removed: Started a conversation at least once in the last 90 days (+40)"
    ]
    assert lines(fewer, reference) == ["new: Started a conversation at least once in the last 90 days (+40)"]


def test_limits_and_bands(reference: Spec) -> None:
    mql = replace(reference.bands[1], lower_edge=35)
    bands = (reference.bands[0], mql, *reference.bands[2:], BandSpec("top", "Top", 120))
    new = replace(reference, engagement=Limits(80, None), ceiling=100, bands=bands)
    assert lines(reference, new) == [
        "changed: Band MQL: MQL, from 31, Fits or shows interest, Reach out with something that concerns"
        " them, worked by sales, respond within 72 h → MQL, from 35, Fits or shows interest, Reach out with"
        " something that concerns them, worked by sales, respond within 72 h",
        "new: Band Top: – → Top, from 120, worked by sales",
        "changed: Cap of engagement: 90 → 80",
        "changed: Highest total: none → 100",
    ]


def test_a_list_that_changes_is_told_once_and_its_rule_only_where_it_reads_otherwise(reference: Spec) -> None:
    filled = parse(to_yaml(reference).replace("competitors: []", "competitors: [Acme, Globex]"))
    assert lines(filled, parse(to_yaml(filled).replace("Globex", "Initech")))[-1] == (
        "changed: list competitors: +Initech, −Globex"
    )
    found = diff(reference, filled, current_vocabulary())
    assert [(each.name, each.added) for each in found.lists] == [("competitors", ("Acme", "Globex"))]
    assert [rule.key for rule in found.rules] == ["competitor"]
