"""What can be known about a lead: where each attribute is stored, and how a raw value is read.

A value is kept twice: as it was given, for people (`attributes`), and as a fact, for scoring: text in normal
form, an exact number, yes or no, a UTC instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import models

from leads.models import Account, Attribute, Entity, Kind, Lead
from leads.moments import as_utc, parse_moment
from leads.numbers import exact_number, parse_number, plain
from leads.remembered import remembered
from leads.text import normalise, quoted, words
from leadscoring.errors import DomainError

Raw = str | bool | int | float | Decimal | date | None
Fact = str | bool | Decimal | datetime

YES = frozenset({"yes", "true", "1", "y", "t", "on", "x", "✓"})
NO = frozenset({"no", "false", "0", "n", "f", "off"})
MAX_TEXT = 100_000  # characters
MAX_INDEXED = 1_000  # bytes of the normal form; a longer one fits in no index
INDEXED = frozenset({"email", "source", "company", "company_domain"})


@dataclass(frozen=True, slots=True)
class Storage:
    """Where an attribute's fact lies: in `column` of `table`, or if that is None under its key in `facts`."""

    table: str
    column: str | None


@dataclass(frozen=True, slots=True)
class Value:
    """One value: `display` as it was given, `fact` as scoring compares it."""

    display: str
    fact: Fact


def definitions() -> Mapping[str, Attribute]:
    """All attributes by key. One query; hold the result for the length of one piece of work."""
    return {attribute.key: attribute for attribute in Attribute.objects.all()}


def model_of(attribute: Attribute) -> type[models.Model]:
    """The model whose rows hold this attribute."""
    return Account if attribute.entity == Entity.ACCOUNT else Lead


def storage(attribute: Attribute) -> Storage:
    """Where this attribute's facts lie. Raises DomainError for a derived one: signals count beside them."""
    if attribute.derived:
        raise DomainError("attribute.derived", f"{attribute.label} is computed from signals.")
    return Storage(model_of(attribute)._meta.db_table, attribute.key if attribute.standard else None)


def read_value(attribute: Attribute, raw: Raw) -> Value | None:
    """The value that `raw` says, or None where it says nothing (missing).

    Raises DomainError naming the attribute, the value and the remedy.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    try:
        fact = _fact(attribute, raw)
    except ValueError as error:
        raise DomainError("attribute.value", f"{attribute.label}: “{quoted(str(raw))}” {error}.") from None
    return None if fact is None else Value(_display(raw), fact)


@remembered
def word_form(fact: str) -> str | None:
    """The word form of a normalised text where it differs from the text, else None."""
    form = words(fact)
    return None if form == fact else form


def stored_fact(fact: Fact) -> str | bool | Decimal:
    """A fact as the `facts` of a row hold it: an instant as ISO 8601 in UTC with microseconds."""
    return fact.isoformat(timespec="microseconds") if isinstance(fact, datetime) else fact


def _fact(attribute: Attribute, raw: Raw) -> Fact | None:
    """Raises ValueError with the rest of a sentence that begins with the value."""
    match attribute.kind:
        case Kind.NUMBER:
            return _number(raw)
        case Kind.BOOLEAN:
            return _boolean(raw)
        case Kind.DATE:
            return _moment(raw)
        case _:
            return _text(attribute, raw)


def _number(raw: Raw) -> Decimal:
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        return exact_number(raw)
    return parse_number(str(raw))


def _boolean(raw: Raw) -> bool:
    word = normalise(str(raw))
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError("is neither yes nor no: write yes, no, true, false, 1 or 0")


def _moment(raw: Raw) -> datetime:
    return as_utc(raw) if isinstance(raw, date) else parse_moment(str(raw))


def _text(attribute: Attribute, raw: Raw) -> str | None:
    text = _display(raw)
    check_text(text)
    normal = normal_text(text)
    if normal is None:
        return None
    if attribute.key in INDEXED:
        check_indexed(normal)
    if attribute.key == "email":
        _check_email(normal)
    if attribute.kind == Kind.CHOICE and attribute.choices:
        _check_choice(attribute, normal)
    return normal


normal_text = remembered(normalise)


def check_text(text: str) -> None:
    """Raises ValueError for what no text of ours may hold."""
    if "\0" in text:
        raise ValueError("holds a NUL character: remove it")
    if len(text) > MAX_TEXT:
        raise ValueError(f"is longer than {MAX_TEXT:,} characters: shorten it")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds bytes that are no text in the file's encoding: correct them")


def check_indexed(normal: str) -> None:
    """Raises ValueError for a text that is too long to look things up by."""
    if len(normal.encode()) > MAX_INDEXED:
        raise ValueError(f"is longer than {MAX_INDEXED:,} bytes: shorten it")


def _check_email(normal: str) -> None:
    name, at, host = normal.rpartition("@")
    if not (name and at and host) or " " in normal or "@" in name:
        raise ValueError("is no e-mail address: correct it, or leave it empty")


def _check_choice(attribute: Attribute, normal: str) -> None:
    if normal not in {normal_text(choice) for choice in attribute.choices}:
        raise ValueError(
            f"is none of its choices: write one of {', '.join(attribute.choices[:12])}, or add it as a choice"
        )


def _display(raw: Raw) -> str:
    match raw:
        case bool():
            return "yes" if raw else "no"
        case Decimal():
            return plain(raw)
        case date():
            return raw.isoformat()
        case _:
            return str(raw)
