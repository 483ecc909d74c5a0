"""Plain data (a YAML file, the rows of a draft) into a spec. Everything that is wrong is told at once."""

from collections import Counter
from itertools import pairwise

from leads.text import normalise
from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
    Inactivity,
    Limits,
    RuleSpec,
    Spec,
)
from scoring_models.spec_text import conditions, counting, scalars
from scoring_models.spec_text.golden import golden_leads
from scoring_models.spec_text.problems import InvalidVersion, Notes
from scoring_models.spec_text.section import Section
from scoring_models.vocabulary import Vocabulary

FORMAT = 1
MOST_ENABLED_RULES = 60  # a stored score keeps a bit for each
LIMIT = scalars.integer(-1_000_000, 1_000_000)
KEYS = ("format", "model", "audience", "floor", "ceiling", "dimensions", "lists", "bands", "rules", "golden")
CONDITION_KEYS = ("attribute", "signal", "inactivity", "account")
RULE_KEYS = ("key", "dimension", "points", "enabled", "note", "only_when", *CONDITION_KEYS)
BAND_KEYS = ("key", "name", "from", "means", "action", "worked_by", "respond_within_hours")

Lists = dict[str, tuple[str, ...]]


def read(data: object, vocabulary: Vocabulary, notes: Notes | None = None) -> Spec:
    """The spec that `data` describes. Raises InvalidVersion with every problem and its place."""
    notes = notes or Notes()
    root = Section(data, (), notes, KEYS)
    if isinstance(data, dict):
        root.required("format", scalars.integer(FORMAT, FORMAT), FORMAT)
    lists = _lists(root)
    limits = root.part("dimensions", tuple(Dimension))
    bands = _bands(root)
    spec = Spec(
        model=root.required("model", scalars.text(100), ""),
        rules=_rules(root, vocabulary, lists),
        bands=bands,
        engagement=_limits(limits, Dimension.ENGAGEMENT),
        fit=_limits(limits, Dimension.FIT),
        floor=root.or_none("floor", LIMIT, 0),
        ceiling=root.or_none("ceiling", LIMIT, None),
        lists=tuple(lists.items()),
        engagement_types=vocabulary.engagement_types,
        intent_types=vocabulary.intent_types,
        audience=conditions.attributes(root, "audience", vocabulary, lists),
        stages=vocabulary.stages,
        golden=golden_leads(root, vocabulary, [band.key for band in bands]),
    )
    if spec.floor is not None and spec.ceiling is not None and spec.ceiling < spec.floor:
        root.note(f"The ceiling {spec.ceiling} is below the floor {spec.floor}.", "ceiling")
    if notes.problems:
        raise InvalidVersion(notes.problems)
    return spec


def _limits(dimensions: Section, dimension: Dimension) -> Limits:
    section = dimensions.part(str(dimension), ("cap", "floor"))
    limits = Limits(section.or_none("cap", LIMIT, None), section.or_none("floor", LIMIT, None))
    if limits.cap is not None and limits.floor is not None and limits.cap < limits.floor:
        section.note(f"The cap {limits.cap} is below the floor {limits.floor}.", "cap")
    return limits


def _lists(root: Section) -> Lists:
    data = root.data.get("lists") or {}
    if not isinstance(data, dict):
        root.note("Write a list of values under each name.", "lists")
        return {}
    names = tuple(name for name in data if isinstance(name, str) and 0 < len(name.strip()) <= 60)
    section = Section(data, ("lists",), root.notes, tuple(data))
    for name in set(data) - set(names):
        section.note("A list's name has 1 to 60 characters.", name)
    return {name: _once(section.optional(name, _list_values, ())) for name in names}


def _list_values(value: object) -> tuple[str, ...]:
    return scalars.list_of(scalars.text(200))(value)


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Each value once, whatever its capitals and spaces; the first spelling stays."""
    kept: dict[str | None, str] = {}
    for value in values:
        kept.setdefault(normalise(value), value)
    return tuple(kept.values())


def _parts(root: Section, key: str, known: tuple[str, ...]) -> list[Section]:
    """The mappings in the list at `key`, which must be there."""
    if root.data.get(key) is None:
        root.note("This is missing." if key not in root.data else "Write a list here.", key)
    return root.parts(key, known)


def _rules(root: Section, vocabulary: Vocabulary, lists: Lists) -> tuple[RuleSpec, ...]:
    rules = []
    for section in _parts(root, "rules", RULE_KEYS):
        # Where there is no condition, that is noted, and the spec is never handed out.
        condition = _condition(section, vocabulary, lists) or Inactivity((), 1)
        only_when = conditions.attributes(section, "only_when", vocabulary, lists)
        rules.append((section, _rule(section, condition, only_when)))
    _refuse_twice([(section, rule.key) for section, rule in rules])
    if sum(rule.enabled for _, rule in rules) > MOST_ENABLED_RULES:
        root.note(f"At most {MOST_ENABLED_RULES} rules may be turned on.", "rules")
    return tuple(rule for _, rule in rules)


def _rule(section: Section, condition: Condition, only_when: tuple[AttributeCondition, ...]) -> RuleSpec:
    return RuleSpec(
        key=section.required("key", scalars.key, ""),
        dimension=Dimension(section.required("dimension", scalars.one_of(Dimension), "fit")),
        points=section.required("points", scalars.points, 1),
        condition=condition,
        enabled=section.optional("enabled", scalars.boolean, True),
        note=section.optional("note", scalars.text(500), ""),
        only_when=only_when,
    )


def _condition(section: Section, vocabulary: Vocabulary, lists: Lists) -> Condition | None:
    kinds = [key for key in CONDITION_KEYS if section.has(key)]
    if len(kinds) != 1:
        section.note("A rule has exactly one of attribute, signal, inactivity and account.")
        return None
    match kinds[0]:
        case "attribute":
            part = section.part("attribute", conditions.ATTRIBUTE_KEYS)
            return conditions.attribute(part, vocabulary, lists)
        case "signal":
            return counting.signal(section.part("signal", counting.SIGNAL_KEYS), vocabulary, lists)
        case "account":
            return counting.account(section.part("account", counting.ACCOUNT_KEYS), vocabulary, lists)
        case _:
            return counting.inactivity(section.part("inactivity", counting.INACTIVITY_KEYS), vocabulary)


def _bands(root: Section) -> tuple[BandSpec, ...]:
    bands = []
    for section in _parts(root, "bands", BAND_KEYS):
        bands.append((section, _band(section)))
    if root.data.get("bands") == []:
        root.note("There must be at least one band.", "bands")
    _refuse_twice([(section, band.key) for section, band in bands])
    _check_edges(bands)
    return tuple(band for _, band in bands)


def _band(section: Section) -> BandSpec:
    return BandSpec(
        key=section.required("key", scalars.key, ""),
        name=section.required("name", scalars.text(60), ""),
        lower_edge=section.or_none("from", LIMIT, None),
        means=section.optional("means", scalars.text(300), ""),
        action=section.optional("action", scalars.text(300), ""),
        worked_by=section.optional("worked_by", scalars.one_of(("sales", "marketing")), "sales"),
        respond_within_hours=section.or_none("respond_within_hours", scalars.integer(1, 8_760), None),
    )


def _check_edges(bands: list[tuple[Section, BandSpec]]) -> None:
    if bands and bands[0][1].lower_edge is not None:
        bands[0][0].note("The first band is the lowest and has no lower edge. Write from: null.", "from")
    for (_, below), (section, band) in pairwise(bands):
        if band.lower_edge is None:
            section.note("Only the first band has no lower edge. Write a number.", "from")
        elif below.lower_edge is not None and band.lower_edge <= below.lower_edge:
            section.note(f"Bands rise: write a number above {below.lower_edge}.", "from")


def _refuse_twice(keys: list[tuple[Section, str]]) -> None:
    counts = Counter(key for _, key in keys)
    for section, key in keys:
        if key and counts[key] > 1:
            section.note(f"“{key}” is used {counts[key]} times. A key names one thing.", "key")
