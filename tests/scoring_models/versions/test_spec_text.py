"""The text form: what it reads, what it refuses and how, and that nothing is lost there and back."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import scoring_models
from leads.text import normalise, words
from scoring_models.operators import OPERATORS, operators_for, property_operators
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
    GoldenLead,
    GoldenSignal,
    HalfLife,
    Inactivity,
    Kind,
    Limits,
    Linear,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
    Value,
    property_kind,
)
from scoring_models.spec_text import InvalidVersion, canonical, digest, parse, thaw, to_yaml
from scoring_models.vocabulary import AttributeWord, SignalWord, Vocabulary

WORDS = Vocabulary(
    attributes={
        "job_title": AttributeWord("Job title", Kind.TEXT),
        "country": AttributeWord("Country", Kind.TEXT),
        "ssi_score": AttributeWord("LinkedIn SSI", Kind.NUMBER),
        "inbound": AttributeWord("Inbound", Kind.BOOLEAN),
        "trial_started": AttributeWord("Trial started", Kind.DATE),
        "plan": AttributeWord("Plan", Kind.CHOICE),
        "tier": AttributeWord("Tier", Kind.CHOICE, ("Gold", "Silver")),
        "journey_stage": AttributeWord("Journey stage", Kind.CHOICE, ("awareness", "decision")),
    },
    signal_types={
        "profile_view": SignalWord("Viewed the profile", is_engagement=True, stage="awareness"),
        "post_comment": SignalWord("Commented on a post", is_engagement=True),
        "dm_received": SignalWord(
            "Started a conversation", is_engagement=True, is_intent=True, stage="decision"
        ),
        "post_like": SignalWord("Liked a post"),
    },
)
HEAD = """\
format: 1
model: Example
dimensions:
  engagement: {cap: 90, floor: null}
  fit: {cap: 40, floor: -5}
lists:
  target titles: [VP, Head, "vp ", Director]
  nobody yet: []
bands:
  - {key: nurture, name: Nurture, from: null}
  - {key: mql, name: MQL, from: 31, worked_by: sales, respond_within_hours: 72}
rules:
"""
REFERENCE = Path(scoring_models.__file__).parent / "reference" / "linkedin_b2b.yaml"


def rule(body: str, *, key: str = "a-rule", points: str = "10") -> str:
    return f"{HEAD}  - {{key: {key}, dimension: fit, points: {points}, {body}}}\n"


def condition(body: str) -> Condition:
    (only,) = parse(rule(body), WORDS).rules
    return only.condition


def refusal(text: str) -> str:
    with pytest.raises(InvalidVersion) as caught:
        parse(text, WORDS)
    assert caught.value.code == "invalid_version"
    return caught.value.sentence


# What is read.


def test_the_reference_model_is_read_whole(db: None) -> None:
    spec = parse(REFERENCE.read_text())
    by_dimension = {d: [rule.points for rule in spec.rules if rule.dimension is d] for d in Dimension}
    assert by_dimension == {
        Dimension.ENGAGEMENT: [40, 30, 25, 20, 20, 15, -15, -30],
        Dimension.FIT: [15, 10, 10, 5, -20, -10],
    }
    assert (spec.engagement.cap, spec.fit.cap, spec.floor, spec.ceiling) == (90, 40, 0, None)
    assert [(band.name, band.lower_edge, band.respond_within_hours) for band in spec.bands] == [
        ("Nurture", None, None),
        ("MQL", 31, 72),
        ("SQL", 61, 24),
        ("Hot", 81, 2),
    ]
    assert all(values == () for _, values in spec.lists)
    assert len(spec.lists) == 5
    assert parse(to_yaml(spec)) == spec


def test_limits_and_bands_are_read() -> None:
    spec = parse(rule("attribute: {field: inbound, op: is_true}"), WORDS)
    assert spec.engagement == Limits(90, None)
    assert spec.fit == Limits(40, -5)
    assert (spec.floor, spec.ceiling) == (0, None)
    assert spec.bands[1] == BandSpec("mql", "MQL", 31, worked_by="sales", respond_within_hours=72)
    assert spec.intent_types == ("dm_received",)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "attribute: {field: country, op: is_any_of, value: [NO, ' Côte  d’Ivoire', no]}",
            AttributeCondition(
                "country", Kind.TEXT, Op.IS_ANY_OF, ("no", "côte d’ivoire"), given=("NO", "Côte  d’Ivoire")
            ),
        ),
        (
            "attribute: {field: country, op: is, value: de}",
            AttributeCondition("country", Kind.TEXT, Op.IS, ("de",)),
        ),
        (
            "attribute: {field: job_title, op: contains_any, list: target titles}",
            AttributeCondition(
                "job_title",
                Kind.TEXT,
                Op.CONTAINS_ANY,
                ("vp", "head", "director"),
                "target titles",
                ("VP", "Head", "Director"),
            ),
        ),
        (
            "attribute: {field: job_title, op: contains_any, list: nobody yet}",
            AttributeCondition("job_title", Kind.TEXT, Op.CONTAINS_ANY, (), "nobody yet"),
        ),
        (
            "attribute: {field: ssi_score, op: between, value: [0.1, 70]}",
            AttributeCondition("ssi_score", Kind.NUMBER, Op.BETWEEN, (Decimal("0.1"), Decimal(70))),
        ),
        (
            "attribute: {field: trial_started, op: at_least, value: 2026-02-01}",
            AttributeCondition("trial_started", Kind.DATE, Op.AT_LEAST, (datetime(2026, 2, 1, tzinfo=UTC),)),
        ),
        (
            "attribute: {field: trial_started, op: at_most, value: '2026-02-01T10:00:00+02:00'}",
            AttributeCondition(
                "trial_started", Kind.DATE, Op.AT_MOST, (datetime(2026, 2, 1, 8, tzinfo=UTC),)
            ),
        ),
        (
            "attribute: {field: trial_started, op: within_days, value: 14}",
            AttributeCondition("trial_started", Kind.DATE, Op.WITHIN_DAYS, (Decimal(14),)),
        ),
        (
            "attribute: {field: plan, op: is_not_set}",
            AttributeCondition("plan", Kind.CHOICE, Op.IS_NOT_SET),
        ),
        ("signal: {types: [profile_view]}", SignalAtLeast(("profile_view",))),
        (
            "signal: {types: [profile_view, post_like], at_least: 3, window_days: 30}",
            SignalAtLeast(("profile_view", "post_like"), 3, 30),
        ),
        (
            "signal: {types: [post_comment], each: true, at_most: 3, window_days: 9, decay: null, where: []}",
            SignalEach(("post_comment",), 3, 9),
        ),
        (
            "inactivity: {days: 90, types: []}",
            Inactivity(("dm_received", "post_comment", "profile_view"), 90),
        ),
        (
            "inactivity: {days: 90, types: [post_like], again_every_days: null, at_most: null}",
            Inactivity(("post_like",), 90),
        ),
        (
            "inactivity: {days: 90, types: [post_like], again_every_days: 30, at_most: 3}",
            Inactivity(("post_like",), 90, 30, 3),
        ),
        (
            "signal: {types: [profile_view], window_days: 30, decay: linear}",
            SignalAtLeast(("profile_view",), 1, 30, decay=Linear()),
        ),
        (
            "signal: {types: [profile_view], each: true, at_most: 2, decay: {half_life_days: 7},"
            " where: [{property: path, op: contains_any, value: [Pricing]},"
            " {property: topic, op: is_any_of, list: target titles},"
            " {property: visits, op: at_least, value: 2.50}, {property: is_question, op: is_true}]}",
            SignalEach(
                ("profile_view",),
                2,
                decay=HalfLife(7),
                where=(
                    PropertyCondition("path", Op.CONTAINS_ANY, ("pricing",), given=("Pricing",)),
                    PropertyCondition(
                        "topic",
                        Op.IS_ANY_OF,
                        ("vp", "head", "director"),
                        "target titles",
                        ("VP", "Head", "Director"),
                    ),
                    PropertyCondition("visits", Op.AT_LEAST, (Decimal("2.5"),)),
                    PropertyCondition("is_question", Op.IS_TRUE),
                ),
            ),
        ),
        (
            "account: {types: [profile_view, post_like], people: 2, window_days: 30,"
            " where: [{property: path, op: is_set}]}",
            AccountActivity(
                ("profile_view", "post_like"), 2, 30, where=(PropertyCondition("path", Op.IS_SET),)
            ),
        ),
    ],
)
def test_a_condition_is_read(body: str, expected: Condition) -> None:
    assert condition(body) == expected


def test_a_country_called_no_is_not_false_and_a_postcode_keeps_its_zero() -> None:
    found = condition("attribute: {field: country, op: is_any_of, value: [NO, 0755, 1.50, 12:30]}")
    assert isinstance(found, AttributeCondition)
    assert found.values == ("no", "0755", "1.50", "12:30")


def test_a_list_keeps_its_spelling_and_each_value_once() -> None:
    spec = parse(rule("attribute: {field: inbound, op: is_true}"), WORDS)
    assert dict(spec.lists)["target titles"] == ("VP", "Head", "Director")
    assert "VP, Head, Director" in to_yaml(spec)


GOLDEN = """
golden:
  - name: Ideal buyer
    attributes: {job_title: VP Sales, ssi_score: 70, inbound: true, trial_started: 2026-02-01}
    signals: [{type: dm_received, days_ago: 2, properties: {path: /pricing, visits: 3, is_question: true}}]
    expect: {band: mql}
  - {name: Nobody, expect: {score: 0, band: nurture}}
"""


def test_golden_leads_audience_and_only_when_are_read() -> None:
    where = "only_when: [{field: country, op: is_any_of, value: [DE, AT]}]"
    text = rule(f"inactivity: {{days: 3}}, {where}") + GOLDEN
    spec = parse(
        text.replace("model: Example", "model: Example\naudience: [{field: inbound, op: is_true}]"), WORDS
    )
    assert spec.rules[0].only_when == (
        AttributeCondition("country", Kind.TEXT, Op.IS_ANY_OF, ("de", "at"), given=("DE", "AT")),
    )
    assert spec.audience == (AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_TRUE),)
    assert spec.stages == (("dm_received", "decision"), ("profile_view", "awareness"))
    said = (("is_question", True), ("path", "/pricing"), ("visits", "3"))
    assert spec.golden == (
        GoldenLead(
            "Ideal buyer",
            (
                ("inbound", True),
                ("job_title", "VP Sales"),
                ("ssi_score", Decimal(70)),
                ("trial_started", datetime(2026, 2, 1, tzinfo=UTC)),
            ),
            (GoldenSignal("dm_received", Decimal(2), said),),
            "mql",
            None,
        ),
        GoldenLead("Nobody", (), (), "nurture", 0),
    )
    assert parse(to_yaml(spec), WORDS) == spec
    assert thaw(canonical(spec)) == spec


def test_a_text_that_was_frozen_before_there_was_more_is_still_canonical() -> None:
    old = (
        '{"bands":[],"ceiling":null,"dimensions":{"engagement":{"cap":null,"floor":null},'
        '"fit":{"cap":null,"floor":null}},"engagement_types":["a"],"floor":0,"format":1,"intent_types":[],'
        '"lists":[],"model":"Old","rules":[{"dimension":"fit","enabled":true,"inactivity":{"days":3,'
        '"types":["a"]},"key":"one","note":"","points":1},{"at_least":{"at_least":1,"types":["a"],'
        '"window_days":null},"dimension":"fit","enabled":true,"key":"two","note":"","points":1}]}'
    )
    assert [each.condition for each in thaw(old).rules] == [Inactivity(("a",), 3), SignalAtLeast(("a",))]
    assert canonical(thaw(old)) == old


# What is refused.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "attribute: {field: jobtitle, op: is, value: x}",
            "no attribute “jobtitle”. Did you mean job_title?",
        ),
        (
            "attribute: {field: journey_stage, op: at_least, value: x}",
            "doesn't suit Journey stage (a choice)",
        ),
        ("attribute: {field: ssi_score, op: contains_any, value: x}", "doesn't suit LinkedIn SSI (a number)"),
        ("attribute: {field: country, op: at_least, value: 3}", "doesn't suit Country (a text)"),
        ("attribute: {field: country, op: is}", "attribute, value, line 13: This is missing."),
        ("attribute: {field: country, op: is, value: [a, b]}", "“is” takes one value; here are 2"),
        ("attribute: {field: country, op: is_any_of, value: []}", "takes at least one value"),
        ("attribute: {field: country, op: is_set, value: x}", "“is known” takes no value"),
        ("attribute: {field: country, op: is, list: target titles}", "“is” takes no list"),
        ("attribute: {field: country, op: is_any_of, list: titles}", "no list “titles”"),
        ("attribute: {field: country, op: is_any_of, list: target titles, value: x}", "either value or list"),
        (
            "attribute: {field: job_title, op: contains_any, value: [VP, '!!']}",
            "“!!” has no word that could be looked for",
        ),
        ("attribute: {field: country, op: is, value: true}", "put it in quotes"),
        (
            "attribute: {field: tier, op: is, value: Bronze}",
            "Tier is never “bronze”. Use one of Gold, Silver.",
        ),
        ("attribute: {field: ssi_score, op: at_least, value: seventy}", "“seventy” is not a number"),
        ("attribute: {field: ssi_score, op: between, value: [9, 1]}", "The first value is the lower one"),
        ("attribute: {field: ssi_score, op: between, value: 9}", "“is between” takes two values"),
        ("attribute: {field: trial_started, op: at_least, value: 31.01.2026}", "is not a date"),
        ("attribute: {field: trial_started, op: at_least, value: '0001-01-01T00:00+14:00'}", "is not a date"),
        ("attribute: {field: trial_started, op: within_days, value: 0}", "write more than 0"),
        ("signal: {types: [profile_veiw]}", "no signal type “profile_veiw”. Did you mean profile_view?"),
        ("signal: {types: []}", "Name at least one signal type"),
        ("signal: {types: [profile_view], at_least: 0}", "0 is not between 1 and 1,000"),
        ("signal: {types: [profile_view], at_most: 3}", "belongs to each: true"),
        ("signal: {types: [profile_view], each: true}", "at_most, line 13: This is missing"),
        (
            "signal: {types: [profile_view], each: true, at_most: 2, at_least: 1}",
            "Each time excludes at_least",
        ),
        ("signal: {types: [profile_view], window: 3}", "Unknown key. Did you mean window_days?"),
        ("signal: {types: [profile_view], decay: linear}", "Linear decay needs window_days"),
        ("signal: {types: [profile_view], decay: quick}", "Write linear, or {half_life_days"),
        ("signal: {types: [profile_view], decay: {half_life: 3}}", "Did you mean half_life_days?"),
        ("signal: {types: [profile_view], decay: {half_life_days: 0}}", "0 is not between 1 and"),
        (
            "signal: {types: [profile_view], where: [{property: path, op: within_days, value: 3}]}",
            "where 1, op, line 13: “within_days” doesn't suit a property",
        ),
        (
            "signal: {types: [profile_view], where: [{property: path, op: at_least, value: x}]}",
            "where 1, value 1, line 13: “x” is not a number",
        ),
        ("signal: {types: [profile_view], where: [{op: is_set}]}", "where 1, property, line 13: This is"),
        ("signal: {types: [profile_view], where: path}", "where, line 13: Write a list here"),
        ("inactivity: {days: 90, again_every_days: 30}", "at_most, line 13: This is missing"),
        ("inactivity: {days: 90, at_most: 2}", "This belongs to again_every_days"),
        ("inactivity: {types: []}", "days, line 13: This is missing"),
        ("inactivity: {days: 1.5}", "“1.5” is not a whole number"),
        ("account: {types: [profile_view]}", "people, line 13: This is missing"),
        ("account: {types: [profile_view], people: 2, decay: linear}", "decay, line 13: Unknown key"),
        (
            "signal: {types: [profile_view]}, only_when: [{field: county, op: is, value: DE}]",
            "only_when 1, field, line 13: There is no attribute “county”. Did you mean country?",
        ),
        ("signal: {types: [profile_view]}, inactivity: {days: 3}", "exactly one of"),
        ("note: nothing counted", "exactly one of"),
    ],
)
def test_a_condition_is_refused_by_name_and_place(body: str, said: str) -> None:
    sentence = refusal(rule(body))
    assert said in sentence
    assert sentence.startswith("rule 1")
    assert "line 13" in sentence


@pytest.mark.parametrize("key", ["cap:engagement", "floor", "ceiling", "floor:fit", "cap"])
def test_a_key_that_looks_like_a_clip_line_is_refused(key: str) -> None:
    assert "is what the line of a cap, floor or ceiling is called" in refusal(
        rule("inactivity: {days: 3}", key=f"'{key}'")
    )


@pytest.mark.parametrize("key", ["Two words", "1st", "ä"])
def test_a_key_that_is_no_key_is_refused(key: str) -> None:
    assert "is no key" in refusal(rule("inactivity: {days: 3}", key=key))


@pytest.mark.parametrize(("points", "said"), [("0", "does nothing"), ("1.5", "whole"), ("99999", "between")])
def test_points_are_checked(points: str, said: str) -> None:
    assert said in refusal(rule("inactivity: {days: 3}", points=points))


def test_a_key_used_twice_is_refused_at_both_places() -> None:
    line = "  - {key: twin, dimension: fit, points: 1, inactivity: {days: 3}}\n"
    sentence = refusal(HEAD + line + line)
    assert "rule 1, key, line 13: “twin” is used 2 times" in sentence
    assert "rule 2, key, line 14: “twin” is used 2 times" in sentence


def test_at_most_60_rules_are_on() -> None:
    def lines(count: int, enabled: str) -> str:
        rest = f"dimension: fit, points: 1, enabled: {enabled}, inactivity: {{days: 3}}"
        return "".join(f"  - {{key: r{i}{enabled}, {rest}}}\n" for i in range(count))

    assert len(parse(HEAD + lines(60, "true") + lines(5, "false"), WORDS).enabled_rules) == 60
    assert "At most 60 rules" in refusal(HEAD + lines(61, "true"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("format: 1", "format: 2"), "format, line 1: 2 is not between 1 and 1"),
        (("format: 1\n", ""), "format, line 1: This is missing"),
        (("model: Example", "modle: Example"), "modle, line 2: Unknown key. Did you mean model?"),
        (("model: Example", "model: Example\nmodel: Other"), "model, line 3: This comes twice"),
        (
            ("model: Example", "model: Example\naudience: [{field: country}]"),
            "audience 1, op, line 3: This is missing",
        ),
        (
            ("model: Example", "model: Example\ngolden: [{name: Ideal}]"),
            "golden 1, expect, line 3: Say which band",
        ),
        (
            ("model: Example", "model: Example\ngolden: [{name: Ideal, expect: {band: hto}}]"),
            "golden 1, expect, band, line 3: “hto” is unknown",
        ),
        (
            (
                "model: Example",
                "model: Example\ngolden: [{name: A, attributes: {inbound: 3}, expect: {score: 1}}]",
            ),
            "golden 1, attributes, inbound, line 3: “3” is neither true nor false",
        ),
        (
            (
                "model: Example",
                "model: Example\ngolden: [{name: A, expect: {score: 1}}, {name: A, expect: {score: 1}}]",
            ),
            "golden 2, name, line 3: “A” is used twice",
        ),
        (("model: Example", "model: Example\nfloor: 50\nceiling: 10"), "ceiling 10 is below the floor 50"),
        (("cap: 40, floor: -5", "cap: 40, floor: 41"), "The cap 40 is below the floor 41"),
        (("cap: 40", "limit: 40"), "limit, line 5: Unknown key. Known: cap, floor."),
        (("from: null", "from: 5"), "The first band is the lowest"),
        (("from: 31", "from: null"), "Only the first band has no lower edge"),
        (("key: mql", "key: nurture"), "“nurture” is used 2 times"),
        (("worked_by: sales", "worked_by: saels"), "“saels” is unknown. Did you mean sales?"),
        (("[VP,", "[[VP],"), "Write a text here"),
    ],
)
def test_the_rest_of_a_version_is_checked(change: tuple[str, str], said: str) -> None:
    text = rule("inactivity: {days: 3}")
    assert change[0] in text
    assert said in refusal(text.replace(*change))


def test_edges_must_rise() -> None:
    text = rule("inactivity: {days: 3}").replace("rules:", "  - {key: hot, name: Hot, from: 31}\nrules:")
    assert "band 3, from, line 12: Bands rise: write a number above 31." in refusal(text)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = rule("inactivity: {days: 0}", key="X", points="0").replace("model: Example", "model:")
    with pytest.raises(InvalidVersion) as caught:
        parse(text, WORDS)
    assert {problem.path for problem in caught.value.problems} == {
        ("rules", 0, "inactivity", "days"),
        ("rules", 0, "key"),
        ("rules", 0, "points"),
        ("model",),
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "42",
        "a: [",
        "a: &x [1]\nb: *x",
        "!!python/object:os.system {}",
        "{" * 5000,
        "\0",
        "x" * 1_000_001,
    ],
)
def test_what_is_no_version_at_all_is_refused_without_a_crash(text: str) -> None:
    refusal(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    refusal(text)


# There and back.

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


def test_half_a_character_is_refused() -> None:
    said = refusal(rule('attribute: {field: country, op: is, value: "\\ud800"}'))
    assert "half a character" in said


@pytest.mark.parametrize("opening", ["[", "- ", "{a: "])
def test_endless_nesting_is_refused_at_once(opening: str) -> None:
    assert "nested too deep" in refusal(opening * 100_000)


def normal(min_words: int = 0) -> st.SearchStrategy[str]:
    def usable(text: str) -> bool:
        form = normalise(text)
        return form is not None and form == normalise(form) and (not min_words or bool(words(form)))

    return texts.filter(usable).map(lambda text: normalise(text) or "")


numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
keys = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True).filter(
    lambda key: key not in ("cap", "floor", "ceiling")
)
one_line = texts.map(str.strip).filter(bool)
days = st.one_of(st.none(), st.integers(1, 400))
types = st.lists(st.sampled_from(sorted(WORDS.signal_types)), min_size=1, max_size=3, unique=True).map(tuple)
VALUES: dict[Kind, Callable[[Op], st.SearchStrategy[Value]]] = {
    Kind.TEXT: lambda op: normal(min_words=op is Op.CONTAINS_ANY),
    Kind.CHOICE: lambda op: normal(min_words=op is Op.CONTAINS_ANY),
    Kind.NUMBER: lambda op: numbers,
    Kind.BOOLEAN: lambda op: st.nothing(),
    Kind.DATE: lambda op: st.decimals(1, 100, places=2) if op is Op.WITHIN_DAYS else moments,
}


@st.composite
def attribute_conditions(draw: st.DrawFn) -> AttributeCondition:
    field = draw(st.sampled_from(["job_title", "ssi_score", "inbound", "trial_started", "plan"]))
    kind = WORDS.attributes[field].kind
    op = draw(st.sampled_from([operator.op for operator in operators_for(kind)]))
    low, high = OPERATORS[op].fewest, 4 if OPERATORS[op].takes_list else OPERATORS[op].most
    values = draw(st.lists(VALUES[kind](op), min_size=low, max_size=high, unique=True)) if high else []
    ordered = sorted(values) if op is Op.BETWEEN else values
    given_as = tuple(f" {value} ".upper().strip() for value in values if isinstance(value, str))
    if tuple(map(normalise, given_as)) != tuple(ordered) or given_as == tuple(ordered):
        given_as = ()
    return AttributeCondition(field, kind, op, tuple(ordered), given=given_as)


@st.composite
def property_conditions(draw: st.DrawFn) -> PropertyCondition:
    op = draw(st.sampled_from([operator.op for operator in property_operators()]))
    kind = property_kind(op) or Kind.TEXT
    low, high = OPERATORS[op].fewest, 4 if OPERATORS[op].takes_list else OPERATORS[op].most
    found = draw(st.lists(VALUES[kind](op), min_size=low, max_size=high, unique=True)) if high else []
    values = [value for value in found if isinstance(value, str | Decimal)]
    return PropertyCondition(draw(one_line), op, tuple(sorted(values) if op is Op.BETWEEN else values))


where = st.lists(property_conditions(), max_size=2).map(tuple)
decays = st.none() | st.builds(HalfLife, st.integers(1, 400))
said = st.dictionaries(one_line, st.booleans() | one_line, max_size=2).map(lambda d: tuple(sorted(d.items())))


def golden(bands: list[str]) -> st.SearchStrategy[GoldenLead]:
    days_ago = st.decimals(0, 100, places=2)
    some = st.fixed_dictionaries(
        {},
        optional={
            "inbound": st.booleans(),
            "job_title": one_line,
            "ssi_score": numbers,
            "trial_started": moments,
        },
    )
    return st.builds(
        GoldenLead,
        one_line,
        some.map(lambda d: tuple(sorted(d.items()))),
        st.lists(st.builds(GoldenSignal, types.map(min), days_ago, said), max_size=2).map(tuple),
        st.sampled_from(bands),
        st.none() | st.integers(-100, 100),
    )


conditions: st.SearchStrategy[Condition] = st.one_of(
    attribute_conditions(),
    st.builds(SignalAtLeast, types, st.integers(1, 9), days, where, decays),
    st.builds(SignalAtLeast, types, st.integers(1, 9), st.integers(1, 400), where, st.just(Linear())),
    st.builds(SignalEach, types, st.integers(1, 9), days, where, decays),
    st.builds(AccountActivity, types, st.integers(1, 9), days, where),
    st.builds(Inactivity, st.one_of(types, st.just(WORDS.engagement_types)), st.integers(1, 400)),
    st.builds(Inactivity, types, st.integers(1, 400), st.integers(1, 400), st.integers(1, 9)),
)
rules = st.builds(
    RuleSpec,
    keys,
    st.sampled_from(Dimension),
    st.integers(-100, 100).filter(bool),
    conditions,
    st.booleans(),
    st.one_of(st.just(""), one_line),
    st.lists(attribute_conditions(), max_size=2).map(tuple),
)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    edges = sorted(draw(st.sets(st.integers(-50, 200), max_size=4)))
    names = draw(st.lists(keys, min_size=len(edges) + 1, max_size=len(edges) + 1, unique=True))
    lists = draw(
        st.dictionaries(one_line, st.lists(normal(), max_size=3, unique=True).map(tuple), max_size=2)
    )
    cap, floor = draw(st.integers(0, 100)), draw(st.one_of(st.none(), st.integers(-50, 0)))
    return Spec(
        model=draw(one_line),
        rules=tuple(draw(st.lists(rules, max_size=5, unique_by=lambda rule: rule.key))),
        bands=tuple(
            BandSpec(
                key, draw(one_line), edge, draw(one_line), "", draw(st.sampled_from(["sales", "marketing"]))
            )
            for key, edge in zip(names, (None, *edges), strict=True)
        ),
        engagement=Limits(cap, floor),
        fit=Limits(None, floor),
        floor=floor,
        ceiling=draw(st.one_of(st.none(), st.just(cap))),
        lists=tuple(lists.items()),
        engagement_types=WORDS.engagement_types,
        intent_types=WORDS.intent_types,
        audience=tuple(draw(st.lists(attribute_conditions(), max_size=2))),
        stages=WORDS.stages,
        golden=tuple(draw(st.lists(golden(names), max_size=2, unique_by=lambda lead: lead.name))),
    )


@given(specs())
def test_what_is_written_reads_back_equal(spec: Spec) -> None:
    assert parse(to_yaml(spec), WORDS) == spec


@given(specs())
def test_what_is_frozen_thaws_equal_and_has_one_digest(spec: Spec) -> None:
    text = canonical(spec)
    assert thaw(text) == spec
    assert canonical(thaw(text)) == text
    assert digest(text) == digest(canonical(parse(to_yaml(spec), WORDS)))


def test_any_yaml_reader_reads_what_export_writes() -> None:
    spec = parse(rule("attribute: {field: country, op: is_any_of, value: [NO, 0755]}"), WORDS)
    data = yaml.safe_load(to_yaml(spec))
    assert data["rules"][0]["attribute"]["value"] == ["NO", "0755"]
