"""/api/v1/signals/: one signal or many, each counted once whatever is sent again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.api.leads import IMPORTERS
from leads.api.work import log_signal
from leads.ingestion.identity import LEAD_ID, lead_value
from leads.ingestion.rows import SignalRow
from leads.ingestion.signals import Became, save_signals
from leads.intake.reading import Unusable, check_not_future
from leads.intake.sent import set_aside
from leads.models import Lead
from leads.timeline import timeline
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.described import FaultShown
from leadscoring.api.fields import Anything, Moment, Properties, Text, Whole
from leadscoring.api.lists import Listed, page_of
from leadscoring.api.operations import MEGABYTE, Call, Given, operation
from leadscoring.api.problems import Fault, Problem, invalid
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope

SOURCE = "api"
MOST = 1_000
QUARANTINED, REFUSED = "quarantined", "refused"
VIEWED = {
    "external_id": "crm-1042",
    "type": "pricing_view",
    "occurred_at": "2026-03-15T14:30:00Z",
    "message_id": "9f1c2c1e-7d0f-4c39-9b1e-0d1f5f6b7a11",
    "properties": {"path": "/pricing"},
}


class SignalBody(Body):
    """Something that a lead did. Whose it is, one of `lead`, `external_id` and `email` says."""

    lead = Whole(required=False, min_value=1, max_value=10**18 - 1, help_text="The lead's id here.")
    external_id = Text(required=False, min_length=1, max_length=250)
    email = Text(required=False, min_length=1, max_length=250)
    type = Text(min_length=1, max_length=60, help_text="The key of a signal type.")
    occurred_at = Moment()
    source = Text(  # type: ignore[assignment]  # not the attribute of fields
        default=SOURCE, min_length=1, max_length=100, help_text="Where it comes from."
    )
    message_id = Text(
        required=False,
        min_length=1,
        max_length=500,
        help_text="Unique in its source; without one it is made of all that the signal says.",
    )
    properties = Properties(required=False)


class SignalsBody(Body):
    signals = serializers.ListField(
        child=Anything(),
        min_length=1,
        max_length=MOST,
        help_text="Each as for one signal. What can't be used is refused by itself.",
    )


class SignalResult(serializers.Serializer[Any]):
    """What became of a signal. `waiting`: its lead isn't known yet, and gets it when it comes.

    `duplicate` and `conflicting` were counted before; of a conflicting one the content differs, and the first
    stays. `quarantined`: it can't be used as things are, is kept with the reason (`errors`), and counts once
    somebody has mended that. `refused`: it is kept nowhere.
    """

    status = serializers.ChoiceField(
        choices=[
            *((each.value, each.value) for each in Became),
            (QUARANTINED, QUARANTINED),
            (REFUSED, REFUSED),
        ]
    )
    message_id = serializers.CharField(allow_null=True)
    errors = FaultShown(many=True)  # type: ignore[assignment]


class SignalResults(serializers.Serializer[Any]):
    """One result for each signal, in their order."""

    results = SignalResult(many=True)


class SignalShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="signal.pk")
    type = serializers.CharField(source="signal.type.key")
    occurred_at = serializers.DateTimeField(source="signal.occurred_at")
    received_at = serializers.DateTimeField(source="signal.received_at")
    retracted_at = serializers.DateTimeField(source="signal.retracted_at", allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    properties = serializers.DictField(source="said", help_text="As they were given.")


# Of a good answer about one signal; else it is 200.
STATUSES = {Became.CREATED.value: 201, Became.WAITING.value: 201, QUARANTINED: 202}


@dataclass(slots=True)
class Result:
    message_id: str | None
    status: str = REFUSED
    errors: Sequence[Fault] = ()


@operation(
    scope=Scope.SIGNALS_WRITE,
    roles=IMPORTERS,
    takes=SignalBody,
    gives=SignalResult,
    statuses=(201, 200, 202),
    examples={"A look at the prices": VIEWED},
)
def add_signal(call: Call) -> Given:
    """Send one signal.

    201 where it is new, 200 where it had been counted before: sending it again is safe. 202 where it is kept
    in quarantine: of a type that isn't known, or more than 24 hours ahead.
    """
    result = receive([call.body], at=call.at)[0]
    if result.status == REFUSED:
        raise Problem(422, "signal.refused", result.errors[0].detail, result.errors)
    return Given(result, STATUSES.get(result.status, 200))


@operation(
    scope=Scope.SIGNALS_WRITE,
    roles=IMPORTERS,
    takes=SignalsBody,
    gives=SignalResults,
    statuses=(207,),
    largest=5 * MEGABYTE,
    examples={"Two, of which one can't be used": {"signals": [VIEWED, {"type": "pricing_view"}]}},
)
def add_signals(call: Call) -> dict[str, list[Result]]:
    """Send up to 1,000 signals.

    Each has a result of its own; those that can't be used take none of the others down. Of a type that isn't
    known, or more than 24 hours ahead, they are kept in quarantine.
    """
    return {"results": receive(call.body["signals"], at=call.at)}


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(SignalShown))
def list_signals(call: Call, lead_id: int) -> Listed:
    """What a lead did, the latest first, retracted signals included."""
    lead = access.get_lead(call.user, lead_id)
    page = timeline(lead, before=call.query.get("cursor"), size=call.query["limit"])
    return Listed(page.events, page.next)


def receive(items: Sequence[Any], *, at: datetime) -> list[Result]:
    """Read and save what can be used of these; what became of each, in their order. All commit as one."""
    results, by_source = (
        [Result(_message_id(item)) for item in items],
        defaultdict[str, list[SignalRow]](list),
    )
    for number, item in enumerate(items):
        try:
            given = item if _is_read(item) else _read(item)
            by_source[given["source"]].append(_row(number, given))
        except Problem as problem:
            results[number].errors = problem.faults
    _drop_strange_leads(by_source, results)
    with transaction.atomic():
        for source, rows in by_source.items():
            _save(rows, source, results, at=at)
    return results


def _save(rows: Sequence[SignalRow], source: str, results: Sequence[Result], *, at: datetime) -> None:
    """Save what can be used, and set aside what can't as things are."""

    def note(became: Sequence[tuple[int, Became]]) -> None:
        for number, status in became:
            results[number].status = status

    unusable = {row.number: future for row in rows if (future := _future(row, now=at))}
    usable = [row for row in rows if row.number not in unusable]
    saved = save_signals(usable, source=source, received_at=at, each=note)
    unusable |= {one.number: Unusable("refused", one.reason) for one in saved.refusals}
    aside = [(row, unusable[row.number]) for row in rows if row.number in unusable]
    set_aside(aside, source=source, at=at)
    for row, why in aside:
        place = "/occurred_at" if why.code == "future" else "/type"
        results[row.number].status = QUARANTINED
        results[row.number].errors = (Fault(place, why.reason, "unknown" if place == "/type" else "future"),)


def _future(row: SignalRow, *, now: datetime) -> Unusable | None:
    try:
        check_not_future(row.occurred_at, now=now)
    except Unusable as unusable:
        return unusable
    return None


def _is_read(item: Any) -> bool:
    """Whether the frame has checked it already, which has moments for texts."""
    return isinstance(item, dict) and isinstance(item.get("occurred_at"), datetime)


def _read(item: Any) -> dict[str, Any]:
    reader = SignalBody(data=item)
    if not reader.is_valid():
        raise invalid(reader.errors)
    values: dict[str, Any] = reader.validated_data
    return values


def _row(number: int, given: Mapping[str, Any]) -> SignalRow:
    """Raises Problem where it isn't said whose it is, or said twice."""
    named = [name for name in ("lead", "external_id", "email") if name in given]
    if len(named) != 1:
        said = _("Say whose it is by one of lead, external_id and email.")
        raise Problem(422, "signal.refused", said, (Fault("/lead", said, "required"),))
    key, value = _lead_of(named[0], given[named[0]])
    return SignalRow(
        number=number,
        lead_key=key,
        lead_value=value,
        type_key=given["type"],
        occurred_at=given["occurred_at"],
        message_id=given.get("message_id"),
        properties=given.get("properties", {}),
    )


def _lead_of(name: str, value: Any) -> tuple[str, str]:
    if name == "lead":
        return LEAD_ID, str(value)
    try:
        normal = lead_value(name, value)
    except ValueError as error:
        raise Problem(422, "signal.refused", str(error), (Fault(f"/{name}", str(error)),)) from None
    if normal is None:
        said = _("Write a value.")
        raise Problem(422, "signal.refused", said, (Fault(f"/{name}", said, "blank"),))
    return name, normal


def _drop_strange_leads(by_source: Mapping[str, list[SignalRow]], results: Sequence[Result]) -> None:
    """Refuse signals of ids that no lead has: nothing would ever come for them to wait for."""
    rows = [row for rows in by_source.values() for row in rows if row.lead_key == LEAD_ID]
    known = {
        str(pk)
        for pk in Lead.objects.filter(pk__in={int(row.lead_value) for row in rows}).values_list(
            "pk", flat=True
        )
    }
    for row in rows:
        if row.lead_value not in known:
            said = _("There is no lead %(id)s.") % {"id": row.lead_value}
            results[row.number].errors = (Fault("/lead", said, "not_found"),)
    for kept in by_source.values():
        kept[:] = [row for row in kept if not results[row.number].errors]


def _message_id(item: Any) -> str | None:
    given = item.get("message_id") if isinstance(item, dict) else None
    return given if isinstance(given, str) else None


signals = resource(post=add_signal)
batch = resource(post=add_signals)
of_lead = resource(get=list_signals, post=log_signal)
