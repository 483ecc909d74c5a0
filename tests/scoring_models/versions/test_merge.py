"""Three versions become one: what must hold for any of them, and the cases by name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_models.merge import Merge, Piece, Side, merge, pieces
from scoring_models.spec import AttributeCondition, BandSpec, Kind, Limits, Op, RuleSpec, Spec
from tests.strategies import specs

WORDS = ("a", "b", "c", "d")
NOTES = st.sampled_from(("", "x"))


@st.composite
def edited(draw: st.DrawFn, spec: Spec) -> Spec:
    """A version as somebody might leave it: rules changed, moved, gone and new; lists and limits changed."""
    kept = [rule for rule in spec.rules if draw(st.booleans())]
    points = st.sampled_from((5, -7))
    rules = [replace(rule, points=draw(points), note=draw(NOTES)) for rule in kept]
    longer: bool = draw(st.booleans())
    if rules and longer:
        key = draw(st.sampled_from(("new-1", "new-2")))
        rules.append(replace(rules[0], key=key))
    lists = {
        name: tuple(draw(st.permutations(WORDS))[: draw(st.integers(0, 4))])
        for name in draw(st.sets(st.sampled_from(("titles", "sizes"))))
    }
    return replace(
        spec,
        rules=tuple(draw(st.permutations(rules))) if draw(st.booleans()) else tuple(rules),
        lists=tuple(lists.items()),
        fit=draw(st.sampled_from((spec.fit, Limits(50, 0), Limits(60)))),
        ceiling=draw(st.sampled_from((spec.ceiling, 90, None))),
    )


@st.composite
def three(draw: st.DrawFn) -> tuple[Spec, Spec, Spec]:
    base = draw(edited(draw(specs(max_rules=4))))
    return base, draw(edited(base)), draw(edited(base))


def said(spec: Spec) -> dict[Piece, object]:
    return pieces(spec)


@given(three())
def test_onto_an_unchanged_base_it_is_the_draft(versions: tuple[Spec, Spec, Spec]) -> None:
    base, mine, _theirs = versions
    merged = merge(base, mine, base)
    assert merged.conflicts == ()
    assert list(said(merged.spec).items()) == list(said(mine).items())  # the order too


@given(three())
def test_an_unchanged_draft_becomes_the_live_version(versions: tuple[Spec, Spec, Spec]) -> None:
    base, _mine, theirs = versions
    merged = merge(base, base, theirs)
    assert merged.conflicts == ()
    assert said(merged.spec) == said(theirs)


@given(three())
def test_what_both_changed_the_same_way_is_no_conflict(versions: tuple[Spec, Spec, Spec]) -> None:
    base, mine, _theirs = versions
    merged = merge(base, mine, mine)
    assert merged.conflicts == ()
    assert said(merged.spec) == said(mine)


@given(three())
def test_a_conflict_is_what_both_changed_and_not_alike(versions: tuple[Spec, Spec, Spec]) -> None:
    base, mine, theirs = (said(version) for version in versions)
    for piece in merge(*versions).conflicts:
        assert base.get(piece) != mine.get(piece) != theirs.get(piece) != base.get(piece)


@given(three(), st.sampled_from(Side))
def test_every_choice_is_kept_and_nothing_else_is_lost(versions: tuple[Spec, Spec, Spec], side: Side) -> None:
    base, mine, theirs = (said(version) for version in versions)
    conflicts = merge(*versions).conflicts
    merged = merge(*versions, dict.fromkeys(conflicts, side))
    assert merged.open == ()
    result, chosen = said(merged.spec), mine if side is Side.MINE else theirs
    for piece in {*base, *mine, *theirs}:
        if piece in conflicts:
            assert result.get(piece) == chosen.get(piece)
        elif mine.get(piece) == base.get(piece):
            assert result.get(piece) == theirs.get(piece)
        elif theirs.get(piece) == base.get(piece):
            assert result.get(piece) == mine.get(piece)


@given(three())
def test_both_ways_round_it_says_the_same_but_for_the_order(versions: tuple[Spec, Spec, Spec]) -> None:
    base, mine, theirs = versions
    one = merge(base, mine, theirs)
    conflicts = dict.fromkeys(one.conflicts, Side.MINE)
    other = merge(base, theirs, mine, conflicts)
    assert set(other.conflicts) == set(one.conflicts)

    def unordered(merged: Merge) -> dict[Piece, object]:
        return {
            piece: set(value) if piece[0] == "list" and isinstance(value, tuple) else value
            for piece, value in said(merged.spec).items()
        }

    assert unordered(one) == unordered(other)


# By name.

TITLE = AttributeCondition("job_title", Kind.TEXT, Op.CONTAINS_ANY, ("vp",), list_name="titles")
BASE = Spec(
    model="M",
    rules=(
        RuleSpec("title", "fit", 10, TITLE),  # type: ignore[arg-type]
        RuleSpec("email", "fit", 5, AttributeCondition("email", Kind.TEXT, Op.IS_SET)),  # type: ignore[arg-type]
    ),
    bands=(BandSpec("low", "Low", None), BandSpec("high", "High", 50)),
    lists=(("titles", ("VP",)),),
)


def with_points(spec: Spec, key: str, points: int) -> Spec:
    return replace(spec, rules=tuple(replace(r, points=points) if r.key == key else r for r in spec.rules))


def without(spec: Spec, key: str) -> Spec:
    return replace(spec, rules=tuple(rule for rule in spec.rules if rule.key != key))


def test_a_rule_whose_list_changed_is_not_changed_by_it() -> None:
    longer = replace(TITLE, values=("vp", "cto"))
    theirs = replace(
        BASE,
        rules=(replace(BASE.rules[0], condition=longer), BASE.rules[1]),
        lists=(("titles", ("VP", "CTO")),),
    )
    merged = merge(BASE, with_points(BASE, "title", 20), theirs)
    assert merged.conflicts == ()
    assert [rule.points for rule in merged.spec.rules] == [20, 5]
    assert merged.spec.lists == (("titles", ("VP", "CTO")),)


def test_values_that_both_added_to_a_list_are_joined_and_what_one_removed_is_gone() -> None:
    base = replace(BASE, lists=(("titles", ("VP", "Head", "Poet")),))
    mine = replace(BASE, lists=(("titles", ("VP", "Head", "CTO")),))
    theirs = replace(BASE, lists=(("titles", ("CFO", "VP", "Poet")),))
    merged = merge(base, mine, theirs)
    assert (merged.conflicts, merged.spec.lists) == ((), (("titles", ("CFO", "VP", "CTO")),))


@pytest.mark.parametrize(
    ("mine", "theirs", "piece"),
    [
        (with_points(BASE, "title", 20), with_points(BASE, "title", 30), ("rule", "title")),
        (with_points(BASE, "title", 20), without(BASE, "title"), ("rule", "title")),
        (without(BASE, "title"), with_points(BASE, "title", 30), ("rule", "title")),
        (replace(BASE, fit=Limits(40)), replace(BASE, fit=Limits(50)), ("limit", "fit.cap")),
        (replace(BASE, lists=()), replace(BASE, lists=(("titles", ("CTO",)),)), ("list", "titles")),
        (
            replace(BASE, bands=(BASE.bands[0], BandSpec("high", "High", 60))),
            replace(BASE, bands=(BASE.bands[0], BandSpec("high", "High", 50, means="Hot"))),
            ("band", "high"),
        ),
    ],
)
def test_what_both_changed_is_a_conflict_by_its_name(mine: Spec, theirs: Spec, piece: Piece) -> None:
    merged = merge(BASE, mine, theirs)
    assert merged.conflicts == merged.open == (piece,)
    for side, chosen in ((Side.MINE, mine), (Side.THEIRS, theirs)):
        decided = merge(BASE, mine, theirs, {piece: side})
        assert (decided.open, said(decided.spec)) == ((), said(chosen))


def test_without_a_base_what_both_say_alike_stays_and_the_rest_is_to_be_decided() -> None:
    merged = merge(None, with_points(BASE, "title", 20), BASE)
    assert merged.open == (("rule", "title"),)


def test_new_rules_come_after_the_neighbour_that_they_had() -> None:
    new = replace(BASE.rules[0], key="new")
    mine = replace(BASE, rules=(BASE.rules[0], new, BASE.rules[1]))
    theirs = replace(BASE, rules=(BASE.rules[1], BASE.rules[0]))
    assert [rule.key for rule in merge(BASE, mine, theirs).spec.rules] == ["email", "title", "new"]
