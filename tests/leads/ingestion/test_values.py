"""What raw values mean."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.attributes import Raw, Storage, definitions, read_value, storage, stored_fact, word_form
from leads.ingestion.records import ACCOUNT_COLUMNS, LEAD_COLUMNS
from leads.models import Account, Attribute, Entity, Kind, Lead
from leads.moments import parse_moment, zone
from leads.numbers import parse_number, plain
from leads.text import normalise
from leadscoring.errors import DomainError


def attribute(kind: Kind, key: str = "thing", **fields: object) -> Attribute:
    return Attribute(key=key, label="Thing", kind=kind, **fields)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", "1"),
        (" -1.50 ", "-1.50"),
        ("+3", "3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("007", "7"),
        ("1,7", "1.7"),
        ("0,123", "0.123"),
        ("1,2345", "1.2345"),
        ("1,234,567", "1234567"),
        ("1,234.50", "1234.50"),
        ("200.000.000", "200000000"),
        ("1.234,5", "1234.5"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ],
)
def test_a_number_is_read_exactly(text: str, number: str) -> None:
    assert plain(parse_number(text)) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234", "may mean thousands or decimals"),
        ("-12,500", "may mean thousands or decimals"),
        ("abc", "is not a number"),
        ("", "is not a number"),
        ("1 234", "is not a number"),
        ("$5", "is not a number"),
        ("70%", "is not a number"),
        ("nan", "is not a number"),
        ("Infinity", "is not a number"),
        ("٣", "is not a number"),
        ("1_000", "is not a number"),
        ("1e999", "more than 60 digits"),
        ("9" * 61, "more than 60 digits"),
    ],
)
def test_what_is_no_number_or_two_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_number(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=9))
def test_a_number_written_plainly_reads_as_itself(number: Decimal) -> None:
    assert parse_number(plain(number)) == number


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-15", datetime(2024, 3, 15, tzinfo=UTC)),
        ("20240315", datetime(2024, 3, 15, tzinfo=UTC)),
        ("2024-03-15 10:21:14", datetime(2024, 3, 15, 9, 21, 14, tzinfo=UTC)),
        ("2024-03-15T10:21:14.123456Z", datetime(2024, 3, 15, 10, 21, 14, 123456, tzinfo=UTC)),
        ("2024-03-15 10:21:14 UTC", datetime(2024, 3, 15, 10, 21, 14, tzinfo=UTC)),
        ("2024-03-15T10:21+02:00", datetime(2024, 3, 15, 8, 21, tzinfo=UTC)),
        ("15 Mar 2024", datetime(2024, 3, 15, tzinfo=UTC)),
        ("15-Mar-2024", datetime(2024, 3, 15, tzinfo=UTC)),
        ("1st March 2024", datetime(2024, 3, 1, tzinfo=UTC)),
        ("Mar 5, 2024", datetime(2024, 3, 5, tzinfo=UTC)),
        ("March 5, 2024 14:00", datetime(2024, 3, 5, 13, tzinfo=UTC)),
        ("15.03.2024", datetime(2024, 3, 15, tzinfo=UTC)),
        ("2.3.2024 08:05", datetime(2024, 3, 2, 7, 5, tzinfo=UTC)),
        ("31/12/2012", datetime(2012, 12, 31, tzinfo=UTC)),
        ("12/31/2012 3:05 PM", datetime(2012, 12, 31, 14, 5, tzinfo=UTC)),
        ("12/31/2012 12:05 am", datetime(2012, 12, 30, 23, 5, tzinfo=UTC)),
        ("07/07/2024", datetime(2024, 7, 7, tzinfo=UTC)),
        ("2024/3/5", datetime(2024, 3, 5, tzinfo=UTC)),
        ("Fri, 15 Mar 2024 10:00:00 GMT", datetime(2024, 3, 15, 10, tzinfo=UTC)),
        ("2024-03-31 02:30", datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),  # skipped: clocks went forward
        ("2024-10-27 02:30", datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),  # came twice: the first
    ],
)
def test_a_date_is_read_and_a_time_without_a_zone_is_local(text: str, moment: datetime) -> None:
    assert parse_moment(text, zone("Europe/Berlin")) == moment


def test_a_time_without_a_zone_is_utc_if_none_is_named() -> None:
    assert parse_moment("2024-03-15 10:21") == datetime(2024, 3, 15, 10, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("02/01/2014", "may mean two days"),
        ("3-4-2024", "may mean two days"),
        ("13/13/2024", "is not a date"),
        ("2024-02-30", "is not a date"),
        ("30 Foo 2024", "is not a date"),
        ("1710498134", "is not a date"),
        ("Mar", "is not a date"),
        ("15 Mar 24", "is not a date"),
        ("15 Mar 2024 25:00", "is not a date"),
        ("15 Mar 2024 13:00 PM", "is not a date"),
        ("15 Mar 2024 noon", "is not a date"),
        ("9999-12-31T23:59:59-05:00", "is too far"),
    ],
)
def test_what_is_no_date_or_two_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_moment(text)


def test_a_zone_that_is_not_there_is_refused() -> None:
    for name in ("Mars/Base", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="is no time zone"):
            zone(name)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_written_in_iso_reads_as_itself(moment: datetime) -> None:
    assert parse_moment(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("text", "fact"), [("Yes", True), ("TRUE", True), ("on", True), ("n", False), ("0", False)]
)
def test_yes_and_no_are_read_in_their_usual_forms(text: str, fact: bool) -> None:
    value = read_value(attribute(Kind.BOOLEAN), text)
    assert value is not None and value.fact is fact


@pytest.mark.parametrize(
    ("raw", "display", "fact"),
    [
        (" VP,  Sales ", " VP,  Sales ", "vp, sales"),
        ("ＡＣＭＥ", "ＡＣＭＥ", "acme"),
        ("Straße", "Straße", "strasse"),
        (12, "12", "12"),
        (True, "yes", "yes"),
        (date(2024, 3, 15), "2024-03-15", "2024-03-15"),
    ],
)
def test_a_text_is_kept_as_given_and_compared_in_normal_form(raw: Raw, display: str, fact: str) -> None:
    value = read_value(attribute(Kind.TEXT), raw)
    assert value is not None and (value.display, value.fact) == (display, fact)


@pytest.mark.parametrize("raw", [None, "", "   ", "\t\n", "\u00a0"])
@pytest.mark.parametrize("kind", list(Kind))
def test_an_empty_value_says_nothing(kind: Kind, raw: Raw) -> None:
    assert read_value(attribute(kind), raw) is None


@pytest.mark.parametrize(
    ("of", "raw", "message"),
    [
        (attribute(Kind.NUMBER), "lots", "Thing: “lots” is not a number: write digits"),
        (attribute(Kind.NUMBER), float("nan"), "Thing: “nan” is not a number"),
        (attribute(Kind.BOOLEAN), "maybe", "Thing: “maybe” is neither yes nor no: write yes, no"),
        (attribute(Kind.DATE), "soon", "Thing: “soon” is not a date: write it as 2024-03-15"),
        (
            attribute(Kind.CHOICE, choices=["Hot", "Cold"]),
            "mild",
            "is none of its choices: write one of Hot, Cold",
        ),
        (attribute(Kind.TEXT), "a\0b", "holds a NUL character: remove it"),
        (attribute(Kind.TEXT), "a\udce9b", "holds bytes that are no text"),
        (attribute(Kind.TEXT), "x" * 100_001, "is longer than 100,000 characters: shorten it"),
        (attribute(Kind.TEXT, "source"), "x" * 1_001, "is longer than 1,000 bytes: shorten it"),
        (attribute(Kind.TEXT, "email"), "n/a", "is no e-mail address: correct it"),
        (attribute(Kind.TEXT, "email"), "a@b@c", "is no e-mail address"),
    ],
)
def test_a_refusal_names_attribute_value_and_remedy(of: Attribute, raw: Raw, message: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_value(of, raw)
    assert message in refused.value.sentence
    assert refused.value.sentence.startswith("Thing")


def test_a_choice_is_compared_in_normal_form_and_any_will_do_where_none_are_defined() -> None:
    value = read_value(attribute(Kind.CHOICE, choices=["Very  Hot"]), "very hot")
    assert value is not None and value.fact == "very hot"
    assert read_value(attribute(Kind.CHOICE), "anything") is not None


@pytest.mark.django_db
def test_every_standard_attribute_has_a_column_of_its_own() -> None:
    for one in definitions().values():
        if one.derived:
            with pytest.raises(DomainError):
                storage(one)
            continue
        model = Account if one.entity == Entity.ACCOUNT else Lead
        assert storage(one) == Storage(model._meta.db_table, one.key)
        assert model._meta.get_field(one.key)
        assert one.key in (ACCOUNT_COLUMNS if one.entity == Entity.ACCOUNT else LEAD_COLUMNS)


def test_a_defined_attribute_lies_in_facts() -> None:
    assert storage(attribute(Kind.TEXT)) == Storage("leads_lead", None)
    assert storage(attribute(Kind.TEXT, entity=Entity.ACCOUNT)) == Storage("leads_account", None)


def test_an_instant_is_stored_in_utc_with_microseconds() -> None:
    assert stored_fact(datetime(2024, 3, 15, tzinfo=UTC)) == "2024-03-15T00:00:00.000000+00:00"


@given(st.text())
def test_a_word_form_is_kept_only_where_it_differs(text: str) -> None:
    normal = normalise(text)
    if normal is not None:
        form = word_form(normal)
        assert form != normal
        assert form is None or " ".join(form.split()) == form
