"""One value of a person, or of their company, on a page: what it was since when, and setting it by hand."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.attributes import definitions
from leads.models import Account, Attribute, Entity, Kind, Lead
from leads.value_history import first, history_of
from leads.values import may_set_company, set_company_value, set_value
from leads.views.answers import LEAD_READERS, answer, back, came_from, done, form_for, signed_in
from leadscoring.errors import DomainError


@form_for(*LEAD_READERS)
def value_page(request: HttpRequest, lead_id: int) -> HttpResponse:
    """GET shows the history and, to whoever may set the value, a form; POST sets it from now on."""
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    attribute = _attribute(request.POST.get("key") or request.GET.get("key", ""))
    of_company = attribute.entity == Entity.ACCOUNT
    subject = lead.account if of_company else lead
    if subject is None:
        raise DomainError("value.not_found", _("No company is known of this lead."))
    home = reverse("leads:lead", args=(lead.pk,))
    refusal = ""
    if request.method == "POST":
        raw = request.POST.get("value", "")
        try:
            say = set_company_value if of_company else set_value
            deed = say(lead_id=lead_id, key=attribute.key, raw=raw, actor=user, at=now)
        except DomainError as error:
            refusal = error.sentence
        else:
            done(request, _("%(what)s is set from now on.") % {"what": attribute.label}, undo=deed.pk)
            return back(request, home)
    context = {
        "lead": lead,
        "now": now,
        "attribute": attribute,
        "value": request.POST.get("value", subject.attributes.get(attribute.key, "")),
        "choices": choices_of(attribute),
        "steps": history_of(subject, attribute.key),
        "came": first(subject),
        "company": subject if of_company else None,
        "may_set": may_set_company(user) if of_company else access.may_work(user, lead, now=now),
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
    return _without_value(Entity.LEAD, lead.attributes)


def settable_of_company(account: Account) -> list[Attribute]:
    """The same of a company."""
    return _without_value(Entity.ACCOUNT, account.attributes)


def _without_value(entity: Entity, given: Mapping[str, object]) -> list[Attribute]:
    known = definitions().values()
    return sorted(
        (one for one in known if one.entity == entity and not given.get(one.key)),
        key=lambda one: (one.derived, not one.standard, one.label),
    )


def _attribute(key: str) -> Attribute:
    attribute = definitions().get(key)
    if attribute is None:
        raise DomainError("value.not_found", _("There is no such attribute."))
    return attribute
