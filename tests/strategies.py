"""Hypothesis strategies for versions, leads and moments that meet where it hurts.

Everything is drawn from small pools, so that rules and leads collide: windows end at the moment asked for,
texts differ by one mark, numbers by their trailing zeros.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations, product

from hypothesis import strategies as st

from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
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
from tests.oracle import Absorbed, Fact, Later, LeadFacts, Move, SignalFact, normal_form, words_of

BASE = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WINDOWS = (1, 7, 30, 90)

# Attributes by kind and by what they describe. `own_*` are no columns: a company defined them.
PERSON = {
    Kind.TEXT: ("job_title", "country", "own_text"),
    Kind.NUMBER: ("ssi_score", "own_number"),
    Kind.BOOLEAN: ("inbound", "own_flag"),
    Kind.DATE: ("own_date",),
    Kind.CHOICE: ("own_choice",),
}
ACCOUNT = {
    Kind.TEXT: ("industry", "own_account_text"),
    Kind.NUMBER: ("revenue", "own_account_number"),
    Kind.BOOLEAN: ("is_competitor", "own_account_flag"),
    Kind.DATE: ("own_account_date",),
    Kind.CHOICE: ("own_account_choice",),
}
DERIVED = {Kind.BOOLEAN: ("unsubscribed",), Kind.CHOICE: ("journey_stage",)}
STAGES = ("awareness", "consideration", "decision")
FIELDS = {kind: PERSON[kind] + ACCOUNT[kind] + DERIVED.get(kind, ()) for kind in Kind}

TEXT_OPS = (Op.IS, Op.IS_NOT, Op.IS_ANY_OF, Op.IS_NONE_OF, Op.CONTAINS_ANY)
OPS = {
    Kind.TEXT: TEXT_OPS,
    Kind.CHOICE: TEXT_OPS,
    Kind.NUMBER: (Op.IS, Op.IS_NOT, Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN),
    Kind.BOOLEAN: (Op.IS_TRUE, Op.IS_FALSE),
    Kind.DATE: (Op.WITHIN_DAYS, Op.AT_LEAST, Op.AT_MOST),
}

ENGAGEMENT_TYPES = ("profile_view", "post_comment", "dm_received", "demo_request")
INTENT_TYPES = ("dm_received", "demo_request")
# Section 6 of scoring.md.
_REACHED_BY = {
    "awareness": ("profile_view", "page_view", "content_download", "content_save", "content_share"),
    "consideration": (
        *("post_comment", "webinar_attended", "form_submit"),
        *("connection_request_received", "email_reply", "sales_conversation"),
    ),
    "decision": ("dm_received", "demo_request", "pricing_view", "meeting_booked"),
}
STAGE_OF = tuple(sorted((key, stage) for stage, keys in _REACHED_BY.items() for key in keys))
STATE_TYPES = ("unsubscribed", "resubscribed", "disconnected", "reconnected")
TYPES = (*ENGAGEMENT_TYPES, "post_like", *STATE_TYPES)

FRAGMENTS = (
    "VP", "vp", "Head", "head of", "Head of Sales", "of sales", "Sales", "sub-head", "C", "C++", "c#", "C+",
    "#", "+", "_", "%", "a%", "a_b", "axb", "\\", "a\\b", "'", '"', "O'Brien", "100", "1.00",
    "\uff11\uff10\uff10", "100%",
    "Straße", "STRASSE", "ß", "İstanbul", "istanbul", "i̇stanbul", "ISTANBUL", "ΣΑΣ", "σας", "ﬁt", "fit", "Ⅷ",
    "viii", "②", "2", "\u00e9", "e\u0301", "e", "\u00c5", "A\u030a", "\u212b", "क्षि",
    "क", "北京", "北", "ǰ", "ŉ", "\u00ad", "\u200b", "😀",
    "{}", "$1", "%s", "%(x)s", "--", ";", "/", "null", "true",
)  # fmt: skip
GAPS = (" ", "  ", "\t", "\u00a0", "\u3000", "-", ", ", "")


# One test case speaks of a few fragments that stand near each other above: else no text ever met its like.
SPOKEN = st.shared(
    st.integers(0, len(FRAGMENTS) - 6).map(lambda start: FRAGMENTS[start : start + 6]), key="fragments"
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Texts as people type and files contain them."""
    parts = draw(st.lists(st.sampled_from(draw(SPOKEN)), min_size=1, max_size=3))
    return draw(st.sampled_from(GAPS)).join(parts) + draw(st.sampled_from(("", "", " ", "\n")))


def wanted_texts() -> st.SearchStrategy[str]:
    """Texts of rules: in normal form, never empty."""
    return texts().map(normal_form).filter(lambda text: text is not None).map(str)


def wanted_words() -> st.SearchStrategy[str]:
    return wanted_texts().filter(lambda text: bool(words_of(text)))


NUMBERS = st.sampled_from(
    [
        Decimal(n)
        for n in ("-1", "0", "0.1", "0.10", "0.1000000000000000000001", "70", "70.0", "69.99", "7E+1")
    ]
) | st.decimals(-100, 100, places=2, allow_nan=False)


def _grid(backs: tuple[int, ...], aheads: tuple[int, ...], offs: tuple[int, ...]) -> tuple[datetime, ...]:
    """Each combination once, as often as its parts are named: one draw instead of one for each part."""
    return tuple(
        BASE + timedelta(days=ahead - back) + off * TICK for off in offs for ahead in aheads for back in backs
    )


MOMENTS = _grid((0, 0, *WINDOWS, 14, 60, 120, 365), (0, 0, 0, 1, 7, 14, 30), (0, 0, 0, 1, -1))
MOMENTS_ASKED = _grid((0,), (0, 0, 1, 7, -1, 14, 30, 60), (0, 0, 1, -1))


def moments() -> st.SearchStrategy[datetime]:
    """Moments on a grid of windows round BASE, at the edge or a microsecond off."""
    return st.sampled_from(MOMENTS)


def moments_or_none(nones: int) -> st.SearchStrategy[datetime | None]:
    """One moment for so many times none."""
    return st.sampled_from((None,) * (nones * len(MOMENTS)) + MOMENTS)


def moments_asked() -> st.SearchStrategy[datetime]:
    """Moments to ask for a score at, near BASE."""
    return st.sampled_from(MOMENTS_ASKED)


# Leads.

VALUES: dict[Kind, st.SearchStrategy[Fact]] = {
    Kind.TEXT: texts(),
    Kind.CHOICE: texts(),
    Kind.NUMBER: NUMBERS,
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: moments(),
}


SET_BY_PEOPLE: dict[str, st.SearchStrategy[Fact]] = {
    "unsubscribed": st.booleans(),
    "journey_stage": st.sampled_from(STAGES),
}


def attributes(fields: dict[Kind, tuple[str, ...]]) -> st.SearchStrategy[dict[str, Fact]]:
    """Some of these attributes, the others missing."""
    each = {key: VALUES[kind] for kind, keys in fields.items() for key in keys}
    return st.fixed_dictionaries({}, optional=each | (SET_BY_PEOPLE if fields is PERSON else {}))


SAID = texts() | st.sampled_from(("70", " 70 ", "1.50", "true", "False", "")) | NUMBERS | st.booleans()
PROPERTIES: st.SearchStrategy[dict[str, str | bool | int | Decimal]] = st.just({}) | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("path", "topic"), SAID)
)


# Types that come at one moment: one or two of any, often with a pair of states that contradict each other.
_ANY = tuple((type_,) for type_ in TYPES for _ in TYPES) + tuple(product(TYPES, TYPES))
_PAIRS = ((),) * 6 + tuple(permutations(STATE_TYPES[:2])) + tuple(permutations(STATE_TYPES[2:]))
TYPES_AT_ONCE = tuple((*types, *pair) for pair in _PAIRS for types in _ANY)

RETRACTED = moments_or_none(5)
RECEIVED = moments_or_none(2)


@st.composite
def signals(draw: st.DrawFn) -> tuple[SignalFact, ...]:
    """Signals in the order in which they came, some at the same moment, some retracted."""
    found = []
    for moment in draw(st.lists(moments(), max_size=7)):
        for type_ in draw(st.sampled_from(TYPES_AT_ONCE)):
            found.append(SignalFact(type_, moment, draw(RETRACTED), draw(RECEIVED), draw(PROPERTIES)))
    return tuple(found)


@st.composite
def later_values(draw: st.DrawFn, fields: dict[Kind, tuple[str, ...]]) -> tuple[Later, ...]:
    """What some attributes became, or will; sometimes at one moment."""
    found = []
    for number in range(draw(st.sampled_from((0, 0, 1, 3)))):
        kind = draw(st.sampled_from(list(Kind)))
        key = draw(st.sampled_from(fields[kind]))
        value = draw(st.none() | VALUES[kind])
        if fields is PERSON and draw(st.integers(0, 2)) == 0:
            key = draw(st.sampled_from(list(SET_BY_PEOPLE)))
            value = draw(st.none() | SET_BY_PEOPLE[key])
        message_id = f"{draw(st.integers(0, 9))}-{number}"
        recorded_at = draw(moments())
        retracted_at = draw(RETRACTED)
        found.append(Later(key, value, draw(moments()), recorded_at, message_id, retracted_at))
    return tuple(found)


PERSONS = st.builds(LeadFacts, created_at=moments(), person=st.just({}), signals=signals())


@st.composite
def absorbed(draw: st.DrawFn, among_colleagues: st.SearchStrategy[bool]) -> tuple[Absorbed, ...]:
    """Leads that became one with another; often nobody."""
    found = []
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        merged_at, undone_at = draw(moments()), draw(moments_or_none(1))
        undone_at = None if undone_at is None else max(undone_at, merged_at)
        found.append(Absorbed(draw(PERSONS), merged_at, undone_at, draw(among_colleagues)))
    return tuple(found)


COLLEAGUES = st.just(()) | st.lists(
    st.builds(
        LeadFacts,
        created_at=st.just(BASE),
        person=st.just({}),
        signals=signals(),
        absorbed=absorbed(st.just(True)),
    ),
    max_size=3,
).map(tuple)


@st.composite
def leads(draw: st.DrawFn) -> LeadFacts:
    account = draw(st.none() | attributes(ACCOUNT))
    recorded_at = draw(moments_or_none(1))
    later, account_later = draw(later_values(PERSON)), draw(later_values(ACCOUNT))
    moves = tuple(draw(st.lists(MOVES, max_size=draw(st.sampled_from((0, 0, 2))))))
    if recorded_at is not None:  # what comes later is learned of later
        first = recorded_at
        later, account_later = (
            tuple(replace(one, recorded_at=max(one.recorded_at, first)) for one in some)
            for some in (later, account_later)
        )
        moves = tuple(replace(move, recorded_at=max(move.recorded_at, first)) for move in moves)
    return LeadFacts(
        created_at=draw(moments()),
        person=draw(attributes(PERSON)),
        account=account,
        signals=draw(signals()),
        recorded_at=recorded_at,
        later=later,
        account_later=() if account is None else account_later,
        moves=moves,
        colleagues=() if account is None else draw(COLLEAGUES),
        absorbed=draw(absorbed(st.just(False) if account is None or moves else st.booleans())),
    )


MOVES = st.builds(Move, st.none() | attributes(ACCOUNT), moments(), moments())


# Versions.


@st.composite
def attribute_conditions(draw: st.DrawFn) -> AttributeCondition:
    kind = draw(st.sampled_from(list(Kind)))
    field = draw(st.sampled_from(FIELDS[kind]))
    op = draw(st.sampled_from((*OPS[kind], *OPS[kind], Op.IS_SET, Op.IS_NOT_SET)))
    values = tuple(draw(operands(kind, op)))
    takes_list = op in (Op.IS_ANY_OF, Op.IS_NONE_OF, Op.CONTAINS_ANY)
    list_name = draw(st.sampled_from((None, "a list"))) if takes_list else None
    if list_name is not None and draw(st.integers(0, 3)) == 0:
        values = ()
    return AttributeCondition(field, kind, op, values, list_name)


@st.composite
def conditions_on(draw: st.DrawFn, kind: Kind) -> AttributeCondition:
    """Conditions that ask something of a value of this kind."""
    op = draw(st.sampled_from(OPS[kind]))
    field = draw(st.sampled_from(PERSON[kind] + ACCOUNT[kind]))
    return AttributeCondition(field, kind, op, tuple(draw(operands(kind, op))))


def spec_of(conditions: Sequence[Condition]) -> Spec:
    """A version with a rule of 1 point for each condition."""
    rules = tuple(
        RuleSpec(f"rule-{number}", Dimension.FIT, 1, condition) for number, condition in enumerate(conditions)
    )
    return Spec(model="Generated", rules=rules, bands=(BandSpec("all", "All", None),))


def operands(kind: Kind, op: Op) -> st.SearchStrategy[list[Value]]:
    match op:
        case Op.IS_SET | Op.IS_NOT_SET | Op.IS_TRUE | Op.IS_FALSE:
            return st.just([])
        case Op.IS_ANY_OF | Op.IS_NONE_OF:
            return st.lists(wanted_texts(), min_size=1, max_size=4)
        case Op.CONTAINS_ANY:
            return st.lists(wanted_words(), min_size=1, max_size=4)
        case Op.BETWEEN:
            return st.lists(NUMBERS, min_size=2, max_size=2).map(sorted)
        case Op.WITHIN_DAYS:
            return st.sampled_from(WINDOWS).map(lambda days: [Decimal(days)])
    plain: dict[Kind, st.SearchStrategy[Value]] = {Kind.NUMBER: NUMBERS, Kind.DATE: moments()}
    return plain.get(kind, wanted_texts()).map(lambda value: [value])


KINDS_OF_SIGNALS = st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True).map(tuple)
ANY_WINDOW = st.none() | st.sampled_from(WINDOWS)


def decayed(
    kind: type[SignalAtLeast] | type[SignalEach],
) -> st.SearchStrategy[SignalAtLeast | SignalEach]:
    half_lives = st.builds(HalfLife, st.sampled_from(WINDOWS))
    return st.one_of(
        st.builds(kind, KINDS_OF_SIGNALS, st.integers(1, 3), ANY_WINDOW, decay=half_lives),
        st.builds(
            kind, KINDS_OF_SIGNALS, st.integers(1, 3), st.sampled_from(WINDOWS), decay=st.just(Linear())
        ),
    )


@st.composite
def property_conditions(draw: st.DrawFn) -> PropertyCondition:
    op = draw(st.sampled_from([op for op in Op if op is not Op.WITHIN_DAYS]))
    values: list[Value] = draw(operands(property_kind(op) or Kind.TEXT, op))
    said = tuple(value for value in values if isinstance(value, str | Decimal))
    return PropertyCondition(draw(st.sampled_from(("path", "topic"))), op, said)


WHERE = st.lists(property_conditions(), min_size=1, max_size=2).map(tuple)
CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    attribute_conditions(),
    attribute_conditions(),
    st.builds(
        AttributeCondition,
        st.just("unsubscribed"),
        st.just(Kind.BOOLEAN),
        st.sampled_from((Op.IS_TRUE, Op.IS_FALSE, Op.IS_SET, Op.IS_NOT_SET)),
    ),
    st.builds(
        AttributeCondition,
        st.just("journey_stage"),
        st.just(Kind.CHOICE),
        st.sampled_from((Op.IS_ANY_OF, Op.IS_NONE_OF)),
        st.lists(st.sampled_from(STAGES), min_size=1, max_size=2).map(tuple),
    ),
    st.builds(SignalAtLeast, KINDS_OF_SIGNALS, st.integers(1, 3), ANY_WINDOW),
    st.builds(SignalEach, KINDS_OF_SIGNALS, st.integers(1, 3), ANY_WINDOW),
    decayed(SignalAtLeast),
    decayed(SignalEach),
    st.builds(SignalAtLeast, KINDS_OF_SIGNALS, st.integers(1, 2), ANY_WINDOW, WHERE),
    st.builds(SignalEach, KINDS_OF_SIGNALS, st.integers(1, 2), ANY_WINDOW, WHERE),
    st.builds(AccountActivity, KINDS_OF_SIGNALS, st.integers(1, 3), ANY_WINDOW, st.just(()) | WHERE),
    st.builds(Inactivity, st.just(ENGAGEMENT_TYPES) | KINDS_OF_SIGNALS, st.sampled_from(WINDOWS)),
    st.builds(
        Inactivity,
        st.just(ENGAGEMENT_TYPES) | KINDS_OF_SIGNALS,
        st.sampled_from(WINDOWS),
        st.sampled_from(WINDOWS),
        st.integers(1, 4),
    ),
)
ONLY_WHEN = st.just(()) | st.lists(attribute_conditions(), max_size=2).map(tuple)
POINTS = st.integers(-40, 40).filter(bool) | st.sampled_from((-1000, 1000))


@dataclass(frozen=True)
class _Choice:
    dimension: Dimension
    points: int
    condition: Condition
    enabled: bool
    only_when: tuple[AttributeCondition, ...]


def rules(min_size: int, max_size: int, enabled: Sequence[bool]) -> st.SearchStrategy[tuple[RuleSpec, ...]]:
    def named(choices: list[_Choice]) -> tuple[RuleSpec, ...]:
        return tuple(
            RuleSpec(
                f"rule-{number}",
                choice.dimension,
                choice.points,
                choice.condition,
                choice.enabled,
                only_when=choice.only_when,
            )
            for number, choice in enumerate(choices)
        )

    choice = st.builds(
        _Choice, st.sampled_from(list(Dimension)), POINTS, CONDITIONS, st.sampled_from(enabled), ONLY_WHEN
    )
    return st.lists(choice, min_size=min_size, max_size=max_size).map(named)


def in_order(
    low: int, high: int, make: Callable[[int | None, int | None], Limits]
) -> st.SearchStrategy[Limits]:
    """A cap and a floor, either of which may be missing; the cap is not below the floor."""
    limit = st.none() | st.integers(low, high)
    return st.tuples(limit, limit).map(
        lambda pair: make(*pair) if None in pair else make(*sorted(pair, key=int))  # type: ignore[arg-type]
    )


LIMITS = in_order(-60, 90, lambda floor, cap: Limits(cap=cap, floor=floor))


@st.composite
def bands(draw: st.DrawFn) -> tuple[BandSpec, ...]:
    edges = sorted(draw(st.sets(st.integers(-30, 120), max_size=4)))
    return tuple(
        BandSpec(key=f"band-{rank}", name=f"Band {rank}", lower_edge=edge)
        for rank, edge in enumerate([None, *edges])
    )


@st.composite
def specs(draw: st.DrawFn, min_rules: int = 0, max_rules: int = 12, disabled: bool = True) -> Spec:
    total = draw(LIMITS)
    return Spec(
        model="Generated",
        rules=draw(rules(min_rules, max_rules, (True, True, True, not disabled))),
        bands=draw(bands()),
        engagement=draw(LIMITS),
        fit=draw(LIMITS),
        floor=total.floor,
        ceiling=total.cap,
        engagement_types=ENGAGEMENT_TYPES,
        intent_types=INTENT_TYPES,
        stages=STAGE_OF,
    )


# Another company's idea of its stages, so that an audience is asked by those of its own version.
OTHER_STAGES = tuple((key, "decision") for key, _stage in STAGE_OF)


@st.composite
def models(draw: st.DrawFn, max_rules: int = 6) -> tuple[Spec, ...]:
    """The live versions of one to three models in their order; the last one's audience is everybody."""
    audiences = st.lists(attribute_conditions(), min_size=1, max_size=2).map(tuple)
    before = draw(st.lists(st.tuples(audiences, st.sampled_from((STAGE_OF, OTHER_STAGES))), max_size=2))
    return tuple(
        replace(draw(specs(max_rules=max_rules)), model=f"Model {place}", audience=audience, stages=stages)
        for place, (audience, stages) in enumerate([*before, ((), STAGE_OF)])
    )
