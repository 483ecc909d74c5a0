"""Why a list is empty, and what to do about it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from leads import access
from leads.models import Score
from leads.scorer import scorer
from leadscoring.people.models import User
from leadscoring.people.roles import Role


@dataclass(frozen=True, slots=True)
class Emptiness:
    heading: str
    sentence: str
    link: str = ""
    link_text: str = ""


def why_empty(user: User, *, filtered: bool) -> Emptiness:
    """What to tell this person about a queue that has no row for them."""
    if not scorer().scales().live:
        return _not_live()
    if filtered:
        return Emptiness(
            _("Nothing here"), _("No lead matches this list."), "/queue/", _("Show the whole queue")
        )
    if not user.team_ids:
        return Emptiness(
            _("You aren't in a team yet"),
            _("The queue has the leads of your teams. Ask your admin to put you in one."),
        )
    leads = access.visible_leads(user)
    if not leads.exists():
        return no_leads(user)
    if not Score.objects.filter(lead__in=leads).exists():
        return Emptiness(
            _("The leads are being scored"),
            _("Your team's leads have come in and get their first score now. Look again in a minute."),
        )
    return Emptiness(
        _("All done"),
        _("No lead of yours is waiting. New ones appear here by themselves."),
        "/leads/",
        _("All leads"),
    )


def no_leads_found(user: User, *, search: str, filtered: bool) -> Emptiness:
    """What to tell this person about a list of leads without one."""
    if filtered:
        return Emptiness(
            _("Nothing here"), _("No lead matches all of these filters."), "/leads/", _("All leads")
        )
    if not search:
        return no_leads(user)
    return Emptiness(
        _("Nobody found"),
        _("Search for the beginning of a name or an e-mail address, or for a part of a company's name."),
        "/leads/",
        _("All leads"),
    )


def no_leads(user: User) -> Emptiness:
    if user.has_role(Role.MARKETING, Role.MANAGER, Role.ADMIN):
        return Emptiness(
            _("No leads yet"),
            _("They appear here once they are imported. Set-up says how."),
            "/set-up/",
            _("Go to set-up"),
        )
    return Emptiness(_("No leads yet"), _("Your team's leads appear here once marketing has imported them."))


def _not_live() -> Emptiness:
    return Emptiness(
        _("No scoring model is live yet"),
        _("Leads are ranked as soon as a version of a model is put live."),
        "/models/",
        _("Go to the models"),
    )
