"""An objection to profiling, noted on the lead's page and withdrawn there."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access, privacy
from leads.views.answers import back, deed_for, done, form_for, signed_in
from leads.views.worked import worked


@form_for(*privacy.MAY)
def object_to_profiling(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Asks first, on a page of its own."""
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    form = Form(request.POST or None)

    def deed() -> HttpResponse:
        noted = privacy.object_to_profiling(lead_id=lead_id, actor=user, at=now)
        done(request, _("%(lead)s is not scored any more.") % {"lead": lead}, undo=noted.pk)
        return back(request)

    heading = _("Note an objection to being scored")
    return worked(request, lead, form, heading=heading, fields="leads/objection_fields.html", deed=deed)


@deed_for(*privacy.MAY)
def withdraw_objection(request: HttpRequest, lead_id: int) -> HttpResponse:
    withdrawn = privacy.withdraw_objection(lead_id=lead_id, actor=signed_in(request), at=timezone.now())
    done(request, _("%(lead)s is scored again in a moment.") % {"lead": withdrawn.lead}, undo=withdrawn.pk)
    return back(request)
