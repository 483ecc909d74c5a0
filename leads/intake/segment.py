"""Reading the messages of Segment's SDKs: what was said of whom, by marketing's mappings.

Source: Segment's public spec of track, identify, group, page, screen and alias.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from leads.attributes import Raw
from leads.ingestion.identity import EXTERNAL_ID
from leads.intake.mapping import Mappings, at_path, kept, scalar
from leads.intake.reading import (
    ANONYMOUS_ID,
    Happened,
    Name,
    Reading,
    Unusable,
    check_not_future,
    name_of,
    person_names,
)
from leads.models.intake import Call
from leads.moments import parse_moment

FORM = "segment"
LARGEST = 32 * 1024  # bytes of one message, as at Segment
# A clock that is off by more was not merely slow to reach us: its times are moved by what it is off.
CLOCK_TOLERANCE = timedelta(minutes=1)

Said = Mapping[str, Any]


def read(said: Any, *, received_at: datetime, now: datetime, mappings: Mappings) -> Reading:
    """What a message says. Raises Unusable with the reason where it can't be used as things are."""
    if not isinstance(said, Mapping):
        raise Unusable("message", _("It is no JSON object."))
    call = said.get("type")
    if not isinstance(call, str) or call not in _READERS:
        raise Unusable("message", _("It has no type that is known: track, identify, group, page, …"))
    at = moment_of(said, received_at)
    check_not_future(at, now=now)
    return _READERS[call](said, at, mappings)


def moment_of(said: Said, received_at: datetime) -> datetime:
    """When it happened, by our clock. Raises Unusable."""
    at = _moment(said, "timestamp") or _moment(said, "originalTimestamp") or received_at
    sent_at = _moment(said, "sentAt")
    if sent_at is None or abs(received_at - sent_at) <= CLOCK_TOLERANCE:
        return at
    try:
        return at + (received_at - sent_at)
    except OverflowError:
        raise Unusable("moment", _("Its times are too far in the past or future.")) from None


def _moment(said: Said, key: str) -> datetime | None:
    given = said.get(key)
    if given is None:
        return None
    try:
        return parse_moment(given) if isinstance(given, str) else _no_date()
    except ValueError as error:
        raise Unusable("moment", f"{key}: “{str(given)[:60]}” {error}.") from None


def _no_date() -> datetime:
    raise ValueError(_("is not a date"))


def _track(said: Said, at: datetime, mappings: Mappings) -> Reading:
    event = said.get("event")
    if not isinstance(event, str) or not event.strip():
        raise Unusable("message", _("The event has no name."))
    return _happened(said, at, mappings, Call.TRACK, [event], dict(_object(said, "properties")))


def _page(said: Said, at: datetime, mappings: Mappings) -> Reading:
    properties = _page_properties(said)
    names = [name for name in (said.get("name"), properties.get("path")) if isinstance(name, str)]
    return _happened(said, at, mappings, Call.PAGE, names or ["/"], properties)


def _page_properties(said: Said) -> dict[str, Any]:
    given = dict(_object(said, "properties"))
    seen = _object(_object(said, "context"), "page")
    for key in ("path", "url", "title", "referrer"):
        if key not in given and key in seen:
            given[key] = seen[key]
    if "path" not in given and isinstance(given.get("url"), str):
        given["path"] = _part(given["url"], "path") or "/"
    return given


def _happened(
    said: Said, at: datetime, mappings: Mappings, call: Call, names: list[str], properties: dict[str, Any]
) -> Reading:
    mapping = mappings.event(call, names)
    if mapping is None:
        shown = {"event": str(scalar(names[0]))[:200]}
        raise Unusable("unmapped", _("No mapping says what “%(event)s” is.") % shown)
    who, aliases = _people(said)
    if mapping.signal_type is None:
        return Reading(at, who, aliases=aliases, ignored=(call, str(scalar(names[0]))[:200]))
    campaign = at_path(said, "context.campaign.name")
    if isinstance(campaign, str):
        properties.setdefault("campaign", campaign)
    return Reading(at, who, {}, Happened(mapping.signal_type.key, kept(mapping, properties)), aliases)


def _identify(said: Said, at: datetime, mappings: Mappings) -> Reading:
    traits = _traits(said)
    names, aliases = _people(said, traits)
    values = mappings.values("identify", {**traits, **_parts_of_name(traits)})
    return Reading(at, names, values, aliases=aliases, identifies=True)


def _group(said: Said, at: datetime, mappings: Mappings) -> Reading:
    traits = _traits(said)
    names, aliases = _people(said)
    values = mappings.values("group", traits)
    if isinstance(values.get("company_domain"), str):
        values["company_domain"] = domain_of(str(values["company_domain"]))
    if "company" not in values and "company_domain" not in values:
        company = scalar(said.get("groupId"))
        if company is None:
            raise Unusable("message", _("It says neither a groupId nor the company's name."))
        values["company"] = str(company)
        mappings.check(values)
    return Reading(at, names, values, aliases=aliases)


def _alias(said: Said, at: datetime, mappings: Mappings) -> Reading:
    names, aliases = _people(said)
    if not names:
        raise Unusable("message", _("It names nobody: userId is missing."))
    previous = said.get("previousId")
    before = (name_of(ANONYMOUS_ID, previous), name_of(EXTERNAL_ID, previous))
    pairs = tuple((name, names[0]) for name in before if name is not None and name != names[0])
    return Reading(at, names, aliases=(*aliases, *pairs), identifies=True)


_READERS: Mapping[str, Callable[[Said, datetime, Mappings], Reading]] = {
    "track": _track,
    "page": _page,
    "screen": _page,
    "identify": _identify,
    "group": _group,
    "alias": _alias,
}


def _people(said: Said, traits: Said | None = None) -> tuple[tuple[Name, ...], tuple[tuple[Name, Name], ...]]:
    """Whom a message is about, and what it tells of their names. Raises Unusable where it names nobody."""
    about = traits or _object(_object(said, "context"), "traits")
    names = person_names(said.get("userId"), about.get("email"), said.get("anonymousId"))
    if not names:
        raise Unusable("message", _("It names nobody: userId and anonymousId are missing."))
    anonymous = next((name for name in names if name.kind == ANONYMOUS_ID), None)
    known = next((name for name in reversed(names) if name.kind != ANONYMOUS_ID), None)
    return names, ((anonymous, known),) if anonymous and known else ()


def _traits(said: Said) -> Said:
    return _object(said, "traits") or _object(_object(said, "context"), "traits")


def _object(said: Said, key: str) -> Said:
    found = said.get(key)
    return found if isinstance(found, Mapping) else {}


def _parts_of_name(traits: Said) -> dict[str, Raw]:
    """First and last name out of the whole name, where they aren't said."""
    whole = traits.get("name")
    if not isinstance(whole, str) or "firstName" in traits or "lastName" in traits:
        return {}
    first, _space, last = whole.strip().rpartition(" ")
    return {"firstName": first or last, "lastName": last if first else None}


def domain_of(address: str) -> str:
    """The domain of a web address, without www."""
    host = _part(address if "//" in address else f"//{address}", "hostname") or address
    return host.removeprefix("www.")


def _part(url: str, name: str) -> str | None:
    try:
        return getattr(urlsplit(url), name) or None
    except ValueError:
        return None
