"""Each operator on each kind of attribute it takes, with values that differ by little and none at all."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadscoring.errors import DomainError
from scoring_models.engine.conditions import WRITERS
from scoring_models.operators import OPERATORS, check_number, operators_for, parse_value
from scoring_models.spec import AttributeCondition, Kind, Op, Value
from tests.oracle import Fact, LeadFacts
from tests.scoring_models.engine.build import NOW, explained, version
from tests.scoring_models.planting import define_attributes, plant

MAY = datetime(2026, 5, 1, tzinfo=UTC)
OWN = {
    Kind.TEXT: "own_text",
    Kind.CHOICE: "own_choice",
    Kind.NUMBER: "own_number",
    Kind.BOOLEAN: "own_flag",
    Kind.DATE: "own_date",
}

# Kind, operator, its values as people write them, what it is met by, what not.
CASES: list[tuple[Kind, Op, list[object], list[Fact], list[Fact]]] = [
    (Kind.TEXT, Op.IS, ["Straße"], ["STRASSE", " straße "], ["strasse 1"]),
    (Kind.TEXT, Op.IS_NOT, ["Berlin"], ["berlin west"], ["BERLIN"]),
    (Kind.TEXT, Op.IS_ANY_OF, ["DE", "AT"], ["de", "At"], ["ch", "d"]),
    (Kind.TEXT, Op.IS_NONE_OF, ["DE", "AT"], ["ch", "deat"], ["de", "AT"]),
    (
        Kind.TEXT,
        Op.CONTAINS_ANY,
        ["vp", "head of"],
        ["VP, Sales", "Head  of IT"],
        ["vps", "head it of"],
    ),
    (Kind.TEXT, Op.CONTAINS_ANY, ["a_b", "C++"], ["x a_b", "c++/c#"], ["axb", "c"]),
    (Kind.NUMBER, Op.IS, ["70"], [Decimal("70.0")], [Decimal("70.0000000000000000001")]),
    (Kind.NUMBER, Op.IS_NOT, ["0.1"], [Decimal("0.10000000000000000001")], [Decimal("0.10")]),
    (Kind.NUMBER, Op.AT_LEAST, ["70"], [Decimal(70)], [Decimal("69.99999999999999999999")]),
    (Kind.NUMBER, Op.AT_MOST, ["-1.5"], [Decimal("-1.5")], [Decimal("-1.49999999999999999999")]),
    (Kind.NUMBER, Op.BETWEEN, ["1", "2"], [Decimal(1), Decimal(2)], [Decimal("0.9"), Decimal("2.1")]),
    (Kind.BOOLEAN, Op.IS_TRUE, [], [True], [False]),
    (Kind.BOOLEAN, Op.IS_FALSE, [], [False], [True]),
    (Kind.DATE, Op.AT_LEAST, ["2026-05-01"], [MAY], [MAY.replace(month=4)]),
    (Kind.DATE, Op.AT_MOST, ["2026-05-01"], [MAY], [MAY.replace(microsecond=1)]),
    (Kind.DATE, Op.WITHIN_DAYS, ["365"], [datetime(2026, 3, 1, tzinfo=UTC)], [MAY]),
]


CASES += [(Kind.CHOICE, *case[1:]) for case in CASES if case[0] is Kind.TEXT]


def parsed(kind: Kind, op: Op, given: list[object]) -> tuple[Value, ...]:
    check_number(OPERATORS[op], given)
    return tuple(parse_value(kind, op, value) for value in given)


def condition(kind: Kind, op: Op, given: list[object]) -> AttributeCondition:
    return AttributeCondition(OWN[kind], kind, op, parsed(kind, op, given))


def status(asked: AttributeCondition, **person: Fact) -> str:
    [lead_id] = plant([LeadFacts(NOW, person)])
    [result] = explained(version(asked), lead_id).rules
    return result.status


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "op", "given", "met", "unmet"), CASES)
def test_an_operator_holds_or_not_and_cannot_tell_what_is_missing(
    kind: Kind, op: Op, given: list[object], met: list[Fact], unmet: list[Fact]
) -> None:
    define_attributes()
    asked = condition(kind, op, given)
    assert [status(asked, **{OWN[kind]: value}) for value in met] == ["met"] * len(met)
    assert [status(asked, **{OWN[kind]: value}) for value in unmet] == ["not_met"] * len(unmet)
    assert status(asked) == "unknown"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(Kind))
def test_being_known_is_never_unknown(kind: Kind) -> None:
    define_attributes()
    value: Fact = {Kind.NUMBER: Decimal(0), Kind.BOOLEAN: False, Kind.DATE: MAY}.get(kind, "x")  # type: ignore[assignment]
    for op, when_there, when_missing in (
        (Op.IS_SET, "met", "not_met"),
        (Op.IS_NOT_SET, "not_met", "met"),
    ):
        asked = condition(kind, op, [])
        assert status(asked, **{OWN[kind]: value}) == when_there
        assert status(asked) == when_missing


@pytest.mark.django_db
def test_an_empty_list_cannot_tell_even_of_a_known_value() -> None:
    asked = AttributeCondition("job_title", Kind.TEXT, Op.IS_NONE_OF, (), list_name="titles")
    assert status(asked, job_title="VP") == "unknown"


@pytest.mark.django_db
def test_a_value_of_another_kind_than_the_rule_was_frozen_with_cannot_be_told() -> None:
    define_attributes()
    asked = AttributeCondition("own_text", Kind.NUMBER, Op.AT_LEAST, (Decimal(1),))
    assert status(asked, own_text="12") == "unknown"


def test_every_operator_is_tested_and_computed() -> None:
    tested = {(kind, op) for kind, op, *_ in CASES}
    tested |= {(kind, op) for kind in Kind for op in (Op.IS_SET, Op.IS_NOT_SET)}
    known = {(kind, operator.op) for kind in Kind for operator in operators_for(kind)}
    assert known == tested
    assert set(WRITERS) | {Op.WITHIN_DAYS, Op.CONTAINS_ANY} == set(OPERATORS) == set(Op)


@pytest.mark.parametrize(
    ("kind", "op", "given", "code"),
    [
        (Kind.TEXT, Op.IS, [], "wrong_number_of_values"),
        (Kind.TEXT, Op.IS, ["a", "b"], "wrong_number_of_values"),
        (Kind.TEXT, Op.IS_ANY_OF, [], "wrong_number_of_values"),
        (Kind.TEXT, Op.IS, [" "], "value_refused"),
        (Kind.TEXT, Op.CONTAINS_ANY, ["--"], "value_refused"),
        (Kind.NUMBER, Op.IS, ["1e3"], "value_refused"),
        (Kind.NUMBER, Op.IS, ["NaN"], "value_refused"),
        (Kind.NUMBER, Op.IS, ["٣"], "value_refused"),
        (Kind.DATE, Op.AT_LEAST, ["soon"], "value_refused"),
        (Kind.DATE, Op.WITHIN_DAYS, ["0"], "value_refused"),
        (Kind.DATE, Op.WITHIN_DAYS, ["40000"], "value_refused"),
    ],
)
def test_what_can_never_be_compared_is_refused(kind: Kind, op: Op, given: list[object], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        parsed(kind, op, given)
    assert refused.value.code == code


def test_values_are_normalised_exact_and_in_utc() -> None:
    assert parse_value(Kind.TEXT, Op.IS, " VP  Sales") == "vp sales"
    assert str(parse_value(Kind.NUMBER, Op.IS, "0.10")) == "0.10"
    assert parse_value(Kind.DATE, Op.AT_LEAST, "2026-05-01T02:00:00+02:00") == MAY
    assert parse_value(Kind.DATE, Op.AT_LEAST, "2026-05-01") == MAY


def test_a_kind_is_offered_only_what_it_takes() -> None:
    assert Op.AT_LEAST not in {operator.op for operator in operators_for(Kind.TEXT)}
    assert [operator.op for operator in operators_for(Kind.BOOLEAN)] == [
        *(Op.IS_TRUE, Op.IS_FALSE, Op.IS_SET, Op.IS_NOT_SET)
    ]
    assert {op for op, operator in OPERATORS.items() if operator.takes_list} == {
        *(Op.IS_ANY_OF, Op.IS_NONE_OF, Op.CONTAINS_ANY)
    }
