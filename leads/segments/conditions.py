"""The conditions of a segment, as an address spells them, as people read them and as SQL tests them.

`attribute:job_title:contains:director`, `attribute:revenue:known`, `attribute:country:any_of:de, at`,
`attribute:revenue:between:10, 50` (both ends count), `stage:decision`, `contact:unsubscribed`,
`signal:webinar_attended:2:90` (at least twice in the last 90 days), `no_signal:page_view:1:30`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads.attributes import storage
from leads.contact_sql import REFUSAL, REFUSALS
from leads.models import Attribute, Kind, SignalType
from leads.models.attribute import Entity
from leads.stages import STAGE, STAGE_OF_ONE, stage_choices

POSSIBLE = "possible"

Named = Callable[[Any, str], str]


class Condition(Protocol):
    @property
    def text(self) -> str:
        """As an address spells it."""

    @property
    def sentence(self) -> str:
        """As people read it."""

    def sql(self, bind: Named) -> str:
        """As a test of the lead `l`, its account `a` and what was `seen` of it; `bind(value, type)` names a
        value. NULL counts as not met: what is not known is neither so nor otherwise."""


@dataclass(frozen=True, slots=True)
class Operator:
    phrase: str | Promise
    kinds: frozenset[str]
    test: str  # of the value {x}, with {v} for what it is compared with
    takes_value: bool = True
    takes_many: bool = False


_TEXT = frozenset({Kind.TEXT.value, Kind.CHOICE.value})
_ORDERED = frozenset({Kind.NUMBER.value, Kind.DATE.value})
_NUMBER, _YES_NO = frozenset({Kind.NUMBER.value}), frozenset({Kind.BOOLEAN.value})
_ANY = frozenset(kind.value for kind in Kind)

OPERATORS: Mapping[str, Operator] = {
    "is": Operator(gettext_lazy("is"), _TEXT | _NUMBER, "{x} = {v}"),
    "is_not": Operator(gettext_lazy("is not"), _TEXT | _NUMBER, "{x} <> {v}"),
    "any_of": Operator(gettext_lazy("is any of"), _TEXT | _NUMBER, "{x} = ANY ({v})", takes_many=True),
    "none_of": Operator(gettext_lazy("is none of"), _TEXT | _NUMBER, "{x} <> ALL ({v})", takes_many=True),
    "contains": Operator(gettext_lazy("contains"), _TEXT, "{w} LIKE {v}"),
    "at_least": Operator(gettext_lazy("is at least"), _ORDERED, "{x} >= {v}"),
    "at_most": Operator(gettext_lazy("is at most"), _ORDERED, "{x} <= {v}"),
    "between": Operator(
        gettext_lazy("is between"), _ORDERED, "{x} BETWEEN ({v})[1] AND ({v})[2]", takes_many=True
    ),
    "yes": Operator(gettext_lazy("is yes"), _YES_NO, "{x}", takes_value=False),
    "no": Operator(gettext_lazy("is no"), _YES_NO, "NOT {x}", takes_value=False),
    "known": Operator(gettext_lazy("is known"), _ANY, "{x} IS NOT NULL", takes_value=False),
    "unknown": Operator(gettext_lazy("is not known"), _ANY, "{x} IS NULL", takes_value=False),
}
# A fact of an attribute that was of another kind once says nothing.
_GUARDED = {
    Kind.NUMBER: "(CASE WHEN jsonb_typeof({fact}) = 'number' THEN {fact}::numeric END)",
    Kind.BOOLEAN: "(CASE WHEN jsonb_typeof({fact}) = 'boolean' THEN {fact}::boolean END)",
    Kind.DATE: (
        "(CASE WHEN ({fact} #>> '{{}}') ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T'"
        " THEN ({fact} #>> '{{}}')::timestamptz END)"
    ),
}
_TYPES = {Kind.NUMBER: "numeric", Kind.BOOLEAN: "boolean", Kind.DATE: "timestamptz"}


@dataclass(frozen=True, slots=True)
class AttributeIs:
    attribute: Attribute
    operator: str
    given: str
    value: Any

    @property
    def text(self) -> str:
        parts = ("attribute", self.attribute.key, self.operator, *((self.given,) if self.given else ()))
        return ":".join(parts)

    @property
    def sentence(self) -> str:
        phrase = str(OPERATORS[self.operator].phrase)
        return " ".join(part for part in (self.attribute.label, phrase, self.given) if part)

    def sql(self, bind: Named) -> str:
        operator = OPERATORS[self.operator]
        fact = self._fact(bind)
        kind = "text" if self.operator == "contains" else _TYPES.get(Kind(self.attribute.kind), "text")
        value = bind(self.value, kind + "[]" * operator.takes_many) if operator.takes_value else ""
        return operator.test.format(x=fact, v=value, w=self._words(fact, bind))

    def _fact(self, bind: Named) -> str:
        column = storage(self.attribute).column
        if column is not None:
            return f"{self._table}.{column}"
        fact = f"({self._table}.facts -> {bind(self.attribute.key, 'text')})"
        return _GUARDED.get(Kind(self.attribute.kind), "({fact} #>> '{{}}')").format(fact=fact)

    def _words(self, fact: str, bind: Named) -> str:
        if self.operator != "contains":
            return ""
        return f"(' ' || COALESCE({self._table}.words ->> {bind(self.attribute.key, 'text')}, {fact}) || ' ')"

    @property
    def _table(self) -> str:
        return "a" if self.attribute.entity == Entity.ACCOUNT else "l"


@dataclass(frozen=True, slots=True)
class StageIs:
    stage: str

    @property
    def text(self) -> str:
        return f"stage:{self.stage}"

    @property
    def sentence(self) -> str:
        return _("Journey stage is %(stage)s") % {"stage": stage_choices()[self.stage]}

    def sql(self, bind: Named) -> str:
        return f"{STAGE} = {bind(self.stage, 'text')}"

    def sql_of_one(self, bind: Named) -> str:
        return f"{STAGE_OF_ONE} = {bind(self.stage, 'text')}"


@dataclass(frozen=True, slots=True)
class ContactIs:
    """Whether somebody may be contacted, or why not."""

    word: str

    @property
    def text(self) -> str:
        return f"contact:{self.word}"

    @property
    def sentence(self) -> str:
        return contact_choices()[self.word]

    def sql(self, bind: Named) -> str:
        if self.word == POSSIBLE:
            return f"({REFUSAL}) IS NULL"
        return f"({REFUSAL}) = {bind(self.word, 'text')}"


def contact_choices() -> dict[str, str]:
    """What there is to say of contact, as pages call it."""
    said = (_("Unsubscribed"), _("Broke the connection"))
    return {**dict(zip(REFUSALS, said, strict=True)), POSSIBLE: _("May be contacted")}


@dataclass(frozen=True, slots=True)
class HadSignal:
    type: SignalType
    times: int
    days: int
    wanted: bool

    @property
    def text(self) -> str:
        word = "signal" if self.wanted else "no_signal"
        return f"{word}:{self.type.key}:{self.times}:{self.days}"

    @property
    def sentence(self) -> str:
        words = {"type": self.type.label, "times": self.times, "days": self.days}
        if self.wanted:
            return (
                ngettext(
                    "%(type)s at least once in the last %(days)d days",
                    "%(type)s at least %(times)d times in the last %(days)d days",
                    self.times,
                )
                % words
            )
        return (
            ngettext(
                "%(type)s not once in the last %(days)d days",
                "%(type)s less than %(times)d times in the last %(days)d days",
                self.times,
            )
            % words
        )

    def sql(self, bind: Named) -> str:
        """Signals of absorbed leads are those of the lead that has them now."""
        return f"""l.id {"IN" if self.wanted else "NOT IN"} (
            SELECT COALESCE(m.kept_id, g.lead_id)
              FROM leads_signal g
              LEFT JOIN leads_merge m ON m.absorbed_id = g.lead_id AND m.undone_at IS NULL
             WHERE g.type_id = {bind(self.type.pk, "smallint")} AND g.retracted_at IS NULL
               AND g.occurred_at <= %(now)s
               AND g.occurred_at > %(now)s - make_interval(days => {bind(self.days, "int")})
             GROUP BY 1 HAVING count(*) >= {bind(self.times, "int")})"""

    def sql_of_one(self, bind: Named) -> str:
        """The same counted of one lead, by its own signals."""
        return f"""(
            SELECT count(*) FROM leads_signal g
             WHERE g.lead_id = ANY (ARRAY(SELECT l.id UNION ALL
                   SELECT m.absorbed_id FROM leads_merge m WHERE m.kept_id = l.id AND m.undone_at IS NULL))
               AND g.type_id = {bind(self.type.pk, "smallint")} AND g.retracted_at IS NULL
               AND g.occurred_at <= %(now)s
               AND g.occurred_at > %(now)s - make_interval(days => {bind(self.days, "int")})
            ) {">=" if self.wanted else "<"} {bind(self.times, "int")}"""
