"""Who may take which step with a version (docs: roles). Every verb asks here."""

from enum import StrEnum

from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from leadscoring.people.models import SYSTEM_EMAIL, User
from leadscoring.people.roles import Role


class Step(StrEnum):
    VIEW = "view"
    TEST = "test"
    DRAFT = "draft"
    SUBMIT = "submit"
    REVIEW = "review"
    ACTIVATE = "activate"


ROLES: dict[Step, tuple[Role, ...]] = {
    Step.VIEW: (Role.REP, Role.MARKETING, Role.MANAGER, Role.ADMIN),
    Step.TEST: (Role.MARKETING, Role.MANAGER, Role.ADMIN),
    Step.DRAFT: (Role.MARKETING,),
    Step.SUBMIT: (Role.MARKETING,),
    Step.REVIEW: (Role.MANAGER,),
    Step.ACTIVATE: (Role.MANAGER,),
}


def may(user: User, step: Step) -> bool:
    """Whether a role of this user allows the step. The system drafts, which commands need."""
    if user.email == SYSTEM_EMAIL:
        return step in (Step.VIEW, Step.DRAFT)
    return user.has_role(*ROLES[step])


def require(user: User, step: Step) -> None:
    """Raises DomainError("not_allowed") where no role of the user allows the step."""
    if not may(user, step):
        roles = " / ".join(ROLES[step])
        raise DomainError("not_allowed", _("Only the role %(roles)s may do this.") % {"roles": roles})
