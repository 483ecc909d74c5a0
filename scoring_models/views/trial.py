"""Testing a version on a lead, real or typed in. Nothing is written; POST keeps names out of addresses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads import access
from leads.models import Attribute, Entity, Kind, Lead, Signal
from leads.search import find_leads
from leads.views.answers import answer, form_for, signed_in, wants_fragment
from leadscoring.errors import DomainError
from scoring_models import trial
from scoring_models.forms import (
    MOST_SIGNALS,
    ROWS_AT_FIRST,
    AttributesForm,
    ExpectationForm,
    SignalForm,
    SignalFormSet,
    more_rows,
)
from scoring_models.imagined import Imagined
from scoring_models.live import live_version
from scoring_models.models import ModelVersion, VersionState
from scoring_models.permissions import ROLES, Step, may
from scoring_models.reads import attributes_read, properties_read, types_read
from scoring_models.spec import Audiences, Spec
from scoring_models.spec_text import spec_of, thaw
from scoring_models.turns import asked_before
from scoring_models.views.version import find
from scoring_models.vocabulary import current_vocabulary

FOUND = 8
# Who somebody is; a version never needs it, so it isn't copied into an example that is kept.
IDENTITY = frozenset({"email", "first_name", "last_name", "phone", "linkedin_url"})


@dataclass(frozen=True, slots=True)
class Bench:
    """A version on the bench: what it says, what the live one says, and the forms to try them with."""

    version: ModelVersion
    spec: Spec
    live: ModelVersion | None

    @property
    def live_spec(self) -> Spec | None:
        return thaw(self.live.frozen) if self.live else None

    def earlier(self, at: datetime) -> Audiences:
        """The audiences that are asked before this model's."""
        return asked_before(self.version.model, at=at)

    def attributes(self) -> QuerySet[Attribute]:
        """The attributes that either version looks at and that somebody can know."""
        keys = {key for spec in (self.spec, self.live_spec) if spec for key in attributes_read(spec)}
        return Attribute.objects.filter(key__in=keys, derived=False).order_by("-entity", "label")

    def types(self) -> set[str]:
        """The signal types that either version looks at."""
        return {key for spec in (self.spec, self.live_spec) if spec for key in types_read(spec)}

    def known_form(self, data: Any = None, **kwargs: Any) -> AttributesForm:
        return AttributesForm(data, attributes=self.attributes(), **kwargs)

    def did_forms(self, data: Any = None, **kwargs: Any) -> BaseFormSet[SignalForm]:
        specs = [spec for spec in (self.spec, self.live_spec) if spec]
        properties = list(dict.fromkeys(name for spec in specs for name in properties_read(spec)))
        words = {"words": current_vocabulary(), "properties": properties}
        return SignalFormSet(data, prefix="did", form_kwargs=words, **kwargs)


def bench_of(version: ModelVersion) -> Bench:
    """Raises InvalidVersion for a draft that can't be read."""
    live = live_version(version.model, at=timezone.now())
    return Bench(version, spec_of(version), None if live is None or live.pk == version.pk else live)


@form_for(*ROLES[Step.TEST])
def test(request: HttpRequest, version_id: int) -> HttpResponse:
    bench, now = bench_of(find(version_id)), timezone.now()
    if request.method == "POST":
        context = _typed_in(request, bench, now)
    elif "lead" in request.GET:
        context = _on_lead(request, bench, now)
    else:
        context = {**_forms(bench, now), "found": _found(request)}
    user = signed_in(request)
    is_draft = bench.version.state == VersionState.DRAFT
    return answer(
        request,
        "scoring_models/trial.html",
        context
        | {
            "version": bench.version,
            "spec": bench.spec,
            "live": bench.live,
            "live_bands": bench.live_spec.bands if bench.live_spec else (),
            "query": request.GET.get("q", ""),
            "may_keep": is_draft and may(user, Step.DRAFT),
        },
        # htmx puts only good answers into the page; the words in it say what is wrong.
        status=400 if context.get("wrong") and not wants_fragment(request) else 200,
    )


def _on_lead(request: HttpRequest, bench: Bench, now: datetime) -> dict[str, Any]:
    lead = access.get_lead(signed_in(request), _number(request.GET["lead"]))
    result = trial.on_lead(lead.pk, bench.spec, bench.live_spec, as_of=now, earlier=bench.earlier(now))
    return {"lead": lead, "trial": result, **_forms(bench, now, like=lead)}


def _typed_in(request: HttpRequest, bench: Bench, now: datetime) -> dict[str, Any]:
    if "more" in request.POST:
        return _with(
            bench,
            bench.known_form(request.POST),
            bench.did_forms(more_rows(request.POST.dict(), ROWS_AT_FIRST)),
        )
    known, did = bench.known_form(request.POST), bench.did_forms(request.POST)
    context = _with(bench, known, did, ExpectationForm(bands=bench.spec.bands))
    if not (known.is_valid() and did.is_valid()):
        return context | {"wrong": True}
    try:
        result = trial.on_imagined(
            imagined_of(known, did), bench.spec, bench.live_spec, as_of=now, earlier=bench.earlier(now)
        )
    except DomainError as refusal:
        return context | {"refused": refusal.sentence, "wrong": True}
    first = {"band": result.tested.band.key if result.tested else ""}
    return context | {"trial": result, "expectation": ExpectationForm(bands=bench.spec.bands, initial=first)}


def imagined_of(known: AttributesForm, did: BaseFormSet[SignalForm]) -> Imagined:
    """The lead that two valid forms describe."""
    return Imagined(known.values(), tuple(signal for form in did for signal in form.signals()))


def _forms(bench: Bench, now: datetime, like: Lead | None = None) -> dict[str, Any]:
    """The forms empty, or filled with what is known of a lead."""
    if like is None:
        return _with(bench, bench.known_form(), bench.did_forms())
    values = {row.key: _value(like, row) for row in bench.attributes() if row.key not in IDENTITY}
    return _with(
        bench, bench.known_form(initial=values), bench.did_forms(initial=_did(like, bench.types(), now))
    )


def _with(
    bench: Bench,
    known: AttributesForm,
    did: BaseFormSet[SignalForm],
    expectation: ExpectationForm | None = None,
) -> dict[str, Any]:
    expectation = expectation or ExpectationForm(bands=bench.spec.bands)
    return {"known": known, "did": did, "expectation": expectation, "most_signals": MOST_SIGNALS}


def _value(lead: Lead, attribute: Attribute) -> object:
    """What is known of an attribute, as its field shows it: text as given, the rest as it is compared."""
    row = lead.account if attribute.entity == Entity.ACCOUNT else lead
    if row is None:
        return None
    if attribute.kind in (Kind.TEXT, Kind.CHOICE):
        return row.attributes.get(attribute.key)
    fact = getattr(row, attribute.key) if attribute.standard else row.facts.get(attribute.key)
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return str(fact)[:10] if fact is not None and attribute.kind == Kind.DATE else fact


def _did(lead: Lead, types: set[str], now: datetime) -> list[dict[str, object]]:
    """The newest signals of a lead as rows of the form, those of one type and hour together."""
    signals = Signal.objects.filter(lead=lead, type__key__in=types, retracted_at=None, occurred_at__lte=now)
    newest = signals.order_by("-occurred_at", "-pk").values_list("type__key", "occurred_at")[
        : 5 * MOST_SIGNALS
    ]
    times: dict[tuple[str, Decimal], int] = {}
    for key, moment in newest:
        days_ago = (Decimal((now - moment) // timedelta(hours=1)) / 24).quantize(Decimal("0.01"))
        times[key, days_ago] = times.get((key, days_ago), 0) + 1
    rows = [{"type": key, "days_ago": days, "times": count} for (key, days), count in times.items()]
    return rows[: MOST_SIGNALS - ROWS_AT_FIRST]


def _found(request: HttpRequest) -> list[Lead] | None:
    query = request.GET.get("q", "")
    if not query.strip():
        return None
    return list(find_leads(user=signed_in(request), query=query, size=FOUND).leads)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
