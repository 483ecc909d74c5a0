"""One-time links by which a person sets their password: on invitation, or when they have lost it."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.users import check_may_administer

CONSOLE = "django.core.mail.backends.console.EmailBackend"

log = logging.getLogger(__name__)


class InvitationTokens(PasswordResetTokenGenerator):
    """Tokens that end when used (the password changes) and after PASSWORD_RESET_TIMEOUT seconds."""

    key_salt = "leadscoring.people.invitations"


tokens = InvitationTokens()


def link(user: User, *, address: str) -> str:
    """The link for `user`; `address` is where people reach the app, for example https://leads.example."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("people:accept_invitation", args=(uid, tokens.make_token(user)))
    return address.rstrip("/") + path


def valid_for() -> timedelta:
    """How long a new link works."""
    return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def renew(*, user: User, actor: User, at: datetime) -> None:
    """Take the person's password away, which ends their sessions and every older link.

    Raises DomainError `not_an_admin`, `own_link` or `inactive`.
    """
    check_may_administer(actor)
    if user.pk == actor.pk:
        raise DomainError("own_link", _("This would sign you out. Change your own password instead."))
    if not user.is_active:
        raise DomainError("inactive", _("This person is deactivated. Let them in again first."))
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record(action="user.link_renewed", target=user, actor=actor, at=at)


def invited(uid: str, token: str) -> User | None:
    """The person whom this link lets in; None if it is wrong, used or too old."""
    try:
        user = User.objects.get(pk=int(urlsafe_base64_decode(uid)), is_active=True)
    except (ValueError, OverflowError, User.DoesNotExist):
        return None
    return user if tokens.check_token(user, token) else None


def accept(*, user: User, name: str, password: str, at: datetime) -> None:
    """Set the name and password that the person chose; the link is used up."""
    with transaction.atomic():
        user.name = name
        user.set_password(password)
        user.save(update_fields=["name", "password"])
        record(action="user.invitation_accepted", target=user, actor=user, at=at)


def send(user: User, *, url: str) -> bool:
    """Mail the link; False where no mail server is set (EMAIL_URL) or it can't be reached."""
    if settings.EMAIL_BACKEND == CONSOLE:
        return False
    text = _(
        "Hello %(name)s,\n\nyou can sign in to lead scoring from now on. Set your password here:\n\n"
        "%(url)s\n\n"
        "The link works once, for %(days)s days.\n"
    ) % {"name": user.name, "url": url, "days": valid_for().days}
    try:
        send_mail(_("Your access to lead scoring"), text, None, [user.email])
    except (OSError, SMTPException):
        log.exception("The invitation of user %s could not be mailed", user.pk)
        return False
    return True
