"""One value of a person on a page: what it was since when, and setting it by hand."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.attributes import definitions
from leads.models import Attribute, Entity, Kind, Lead
from leads.value_history import history_of
from leads.values import set_value
from leads.views.answers import LEAD_READERS, answer, back, came_from, done, form_for, signed_in
from leadscoring.errors import DomainError


@form_for(*LEAD_READERS)
def value_page(request: HttpRequest, lead_id: int) -> HttpResponse:
    """GET shows the history and, to whoever may work the lead, a form; POST sets the value from now on."""
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    attribute = _attribute(request.POST.get("key") or request.GET.get("key", ""))
    home = reverse("leads:lead", args=(lead.pk,))
    refusal = ""
    if request.method == "POST":
        raw = request.POST.get("value", "")
        try:
            deed = set_value(lead_id=lead_id, key=attribute.key, raw=raw, actor=user, at=now)
        except DomainError as error:
            refusal = error.sentence
        else:
            done(request, _("%(what)s is set from now on.") % {"what": attribute.label}, undo=deed.pk)
            return back(request, home)
    context = {
        "lead": lead,
        "now": now,
        "attribute": attribute,
        "value": request.POST.get("value", lead.attributes.get(attribute.key, "")),
        "choices": choices_of(attribute),
        "steps": history_of(lead, attribute.key),
        "may_work": access.may_work(user, lead, now=now),
        "refusal": refusal,
        "next": came_from(request, home),
    }
    return answer(request, "leads/value.html", context)


def choices_of(attribute: Attribute) -> list[tuple[str, str]]:
    """What may be chosen, where the values are a closed list."""
    if attribute.kind == Kind.BOOLEAN:
        return [("yes", _("yes")), ("no", _("no"))]
    return [(choice, choice) for choice in attribute.choices]


def settable(lead: Lead) -> list[Attribute]:
    """The attributes of a person that have no value yet and can be given one."""
    known = definitions().values()
    return sorted(
        (one for one in known if one.entity == Entity.LEAD and not lead.attributes.get(one.key)),
        key=lambda one: (one.derived, not one.standard, one.label),
    )


def _attribute(key: str) -> Attribute:
    attribute = definitions().get(key)
    if attribute is None or attribute.entity != Entity.LEAD:
        raise DomainError("value.not_found", _("There is no such attribute of a person."))
    return attribute
