"""Accepting a lead from marketing, returning it, and handing it over again."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access, handoffs
from leads.handoff_forms import ReturnForm
from leads.models import ReturnReason
from leads.views.answers import LEAD_WORKERS, back, deed_for, done, form_for, signed_in
from leads.views.worked import worked
from leadscoring.people.roles import Role


@deed_for(*LEAD_WORKERS)
def accept(request: HttpRequest, lead_id: int) -> HttpResponse:
    accepted = handoffs.accept(lead_id=lead_id, actor=signed_in(request), at=timezone.now())
    done(request, _("%(lead)s is accepted.") % {"lead": accepted.lead}, undo=accepted.pk)
    return back(request)


@form_for(*LEAD_WORKERS)
def send_back(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    form = ReturnForm(request.POST or None)

    def deed() -> HttpResponse:
        reason, note = ReturnReason(form.cleaned_data["reason"]), form.cleaned_data["note"]
        returned = handoffs.send_back(lead_id=lead_id, reason=reason, actor=user, at=now, note=note)
        done(request, _("%(lead)s is marketing's again.") % {"lead": lead}, undo=returned.pk)
        return back(request)

    heading = _("Return to marketing")
    return worked(request, lead, form, heading=heading, fields="leads/return_fields.html", deed=deed)


@deed_for(Role.MARKETING, Role.ADMIN)
def hand_over(request: HttpRequest, lead_id: int) -> HttpResponse:
    handed = handoffs.hand_over(lead_id=lead_id, actor=signed_in(request), at=timezone.now())
    done(request, _("%(lead)s waits for sales.") % {"lead": handed.lead}, undo=handed.pk)
    return back(request)
