"""Reading what a rule counts of signals: that they came, that none came, that colleagues' came."""

from collections.abc import Callable

from scoring_models.operators import MOST_DAYS
from scoring_models.spec import (
    AccountActivity,
    Decay,
    HalfLife,
    Inactivity,
    Linear,
    SignalAtLeast,
    SignalEach,
)
from scoring_models.spec_text import scalars
from scoring_models.spec_text.conditions import Lists, properties
from scoring_models.spec_text.problems import Refused, instead
from scoring_models.spec_text.section import Section
from scoring_models.vocabulary import Vocabulary

MOST_TIMES = 1_000
NO_TYPES: tuple[str, ...] = ()
SIGNAL_KEYS = ("types", "at_least", "each", "at_most", "window_days", "where", "decay")
INACTIVITY_KEYS = ("days", "types", "again_every_days", "at_most")
ACCOUNT_KEYS = ("types", "people", "window_days", "where")
DAYS = scalars.integer(1, MOST_DAYS)
TIMES = scalars.integer(1, MOST_TIMES)


def signal(section: Section, vocabulary: Vocabulary, lists: Lists) -> SignalAtLeast | SignalEach:
    """The signal condition in `section`."""
    types = _types(section, vocabulary)
    window = section.or_none("window_days", DAYS, None)
    where, decay = properties(section, lists), _decay(section, window)
    if not section.optional("each", scalars.boolean, False):
        if section.has("at_most"):
            section.note("This belongs to each: true. Remove it, or add that.", "at_most")
        return SignalAtLeast(types, section.optional("at_least", TIMES, 1), window, where, decay)
    if section.has("at_least"):
        section.note("Each time excludes at_least. Keep one of them.", "at_least")
    return SignalEach(types, section.required("at_most", TIMES, 1), window, where, decay)


def inactivity(section: Section, vocabulary: Vocabulary) -> Inactivity:
    """The inactivity condition in `section`; without types it is about all engagement."""
    types = section.optional("types", signal_types(vocabulary), NO_TYPES) or vocabulary.engagement_types
    days = section.required("days", DAYS, 1)
    if section.has("again_every_days"):
        again = section.required("again_every_days", DAYS, 1)
        return Inactivity(types, days, again, section.required("at_most", TIMES, 1))
    if section.has("at_most"):
        section.note("This belongs to again_every_days. Remove it, or add that.", "at_most")
    return Inactivity(types, days)


def account(section: Section, vocabulary: Vocabulary, lists: Lists) -> AccountActivity:
    """The account condition in `section`."""
    return AccountActivity(
        _types(section, vocabulary),
        section.required("people", TIMES, 1),
        section.or_none("window_days", DAYS, None),
        properties(section, lists),
    )


def signal_types(vocabulary: Vocabulary) -> Callable[[object], tuple[str, ...]]:
    """A reader of signal types, each of which must be known."""
    read_one = signal_type(vocabulary)

    def read(value: object) -> tuple[str, ...]:
        return tuple(dict.fromkeys(scalars.list_of(read_one)(value)))

    return read


def signal_type(vocabulary: Vocabulary) -> Callable[[object], str]:
    """A reader of one signal type, which must be known."""

    def read(value: object) -> str:
        if value not in vocabulary.signal_types:
            hint = instead(str(value), vocabulary.signal_types)
            raise Refused(f"There is no signal type “{value}”. {hint or 'Define it first.'}")
        return str(value)

    return read


def _types(section: Section, vocabulary: Vocabulary) -> tuple[str, ...]:
    if section.data.get("types") == []:
        section.note("Name at least one signal type.", "types")
        return NO_TYPES
    return section.required("types", signal_types(vocabulary), NO_TYPES)


def _decay(section: Section, window: int | None) -> Decay | None:
    given = section.data.get("decay")
    if given is None:
        return None
    if isinstance(given, dict):
        part = section.part("decay", ("half_life_days",))
        return HalfLife(part.required("half_life_days", DAYS, 1))
    if given != "linear":
        section.note("Write linear, or {half_life_days: …} with a number of days.", "decay")
    elif window is None:
        section.note("Linear decay needs window_days.", "decay")
    return Linear()
