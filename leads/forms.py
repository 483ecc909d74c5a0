"""What people fill in about a lead."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from leads import learned, overrides
from leads.models import OverrideKind, OverrideReason, SignalType
from leads.outcomes import SIGNAL_OF, CallResult, reasons_of
from leads.scorer import Scale
from leadscoring.local_times import LocalTimeInput, zoned


def note_field(placeholder: Any = "") -> forms.CharField:
    return forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": placeholder}),
    )


class OverrideForm(forms.Form):
    """A person's judgement beside the score."""

    kind = forms.ChoiceField(label=_("What you want"), choices=OverrideKind, widget=forms.RadioSelect)
    points = forms.IntegerField(
        label=_("Points"),
        required=False,
        help_text=_("The score to set, or the points to add; with a minus, to take."),
    )
    band = forms.ChoiceField(label=_("Band"), required=False)
    reason = forms.ChoiceField(label=_("Why"), choices=OverrideReason)
    note = note_field(_("What do you know that the signals don't?"))
    until = forms.DateField(
        label=_("Until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At most 90 days."),
    )

    def __init__(self, data: QueryDict | None = None, *, scale: Scale | None, now: datetime) -> None:
        today = timezone.localdate(now)
        first = {"kind": OverrideKind.POINTS, "until": today + overrides.DEFAULT_LENGTH}
        super().__init__(data, initial=first, auto_id="override_%s")
        bands = [] if scale is None else [(band.key, band.name) for band in reversed(scale.bands)]
        self._choice("band").choices = bands
        self._choice("kind").choices = [
            (kind, label) for kind, label in OverrideKind.choices if bands or kind == OverrideKind.HOLD
        ]
        self.first_day = today
        self.last_day = today + overrides.GREATEST_LENGTH - timedelta(days=1)
        self.fields["until"].widget.attrs |= {"min": str(self.first_day), "max": str(self.last_day)}

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.first_day <= until <= self.last_day:
            raise forms.ValidationError(
                _("Choose a day from today to %(day)s."), params={"day": date_format(self.last_day, "j M Y")}
            )
        return until

    def verb_arguments(self) -> dict[str, Any]:
        """What `overrides.set_override` takes, once the form is valid."""
        data, kind = self.cleaned_data, OverrideKind(self.cleaned_data["kind"])
        takes_points = kind in (OverrideKind.SCORE, OverrideKind.POINTS)
        return {
            "kind": kind,
            "points": data["points"] if takes_points else None,
            "band": data["band"] if kind is OverrideKind.BAND else "",
            "reason": OverrideReason(data["reason"]),
            "note": data["note"],
            "ends_at": _end_of(data["until"]),
        }

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field


def _why(result: CallResult, label: Any) -> forms.ChoiceField:
    choices = [("", _("Choose")), *((reason.value, reason.label) for reason in reasons_of(result))]
    return forms.ChoiceField(label=label, required=False, choices=choices)


def _heard(name: str) -> forms.CharField | forms.ChoiceField:
    """The field of something that one may learn in a conversation."""
    label, closed = learned.LABELS[name], learned.CLOSED.get(name)
    if closed is not None:
        return forms.ChoiceField(label=label, required=False, choices=[("", _("Not said")), *closed.choices])
    return forms.CharField(label=label, required=False, max_length=learned.LONGEST)


# The field that says why, of those results that need it.
WHY_OF: dict[str, str] = {
    CallResult.LOST: "lost_because",
    CallResult.DISQUALIFIED: "disqualified_because",
}


class CallForm(forms.Form):
    """What working the lead came to. Some results ask why."""

    result = forms.ChoiceField(label=_("How did it end?"), choices=CallResult, widget=forms.RadioSelect)
    lost_because = _why(CallResult.LOST, _("Why was it lost?"))
    disqualified_because = _why(CallResult.DISQUALIFIED, _("Why is it no lead for us?"))
    buying_stage = _heard("buying_stage")
    budget = _heard("budget")
    timing = _heard("timing")
    pain_points = _heard("pain_points")
    goals = _heard("goals")
    they_began = forms.BooleanField(label=_("They got in touch with us"), required=False)
    note = note_field(_("What was said"))

    def __init__(self, data: QueryDict | None = None, *, refuses: bool = False) -> None:
        """`refuses`: the lead doesn't want to be contacted, so only what they began is a conversation."""
        super().__init__(data, auto_id="call_%s")
        if not refuses:
            del self.fields["they_began"]
        self.refuses = refuses

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.refuses and data.get("result") in SIGNAL_OF and not data.get("they_began"):
            self.add_error("they_began", _("Log it only where they got in touch with us."))
        wanted = WHY_OF.get(data.get("result", ""))
        if wanted is not None and not data.get(wanted):
            self.add_error(wanted, _("Choose why."))
        return data

    def verb_arguments(self) -> dict[str, Any]:
        """What `outcomes.log_call` takes, once the form is valid."""
        data = self.cleaned_data
        wanted, heard = WHY_OF.get(data["result"]), data["result"] == CallResult.CONVERSATION
        return {
            "result": CallResult(data["result"]),
            "reason": data[wanted] if wanted is not None else "",
            "learned": {name: data[name] for name in learned.PROPERTIES} if heard else {},
            "note": data["note"],
            "they_began": data.get("they_began", False),
        }


class SignalForm(forms.Form):
    """Something that the lead did and nobody recorded."""

    type = forms.ModelChoiceField(
        label=_("What they did"),
        queryset=SignalType.objects.order_by("label", "pk"),
        to_field_name="key",
        empty_label=_("Choose"),
    )
    occurred_at = forms.DateTimeField(label=zoned(_("When")), widget=LocalTimeInput)
    note = note_field()

    def __init__(self, data: QueryDict | None = None, *, now: datetime) -> None:
        super().__init__(data, initial={"occurred_at": now}, auto_id="signal_%s")

    def verb_arguments(self) -> dict[str, Any]:
        """What `outcomes.log_signal` takes, once the form is valid."""
        data = self.cleaned_data
        return {"type_key": data["type"].key, "occurred_at": data["occurred_at"], "note": data["note"]}


def _end_of(day: date) -> datetime:
    """The moment at which a day ends, here."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
    return timezone.make_aware(midnight)
