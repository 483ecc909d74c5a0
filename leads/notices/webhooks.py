"""A team's chat webhook: who sets it, and how its last message fared."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from leads import access
from leads.models.chat_webhook import ChatWebhook
from leads.models.notice import Delivery, NoticeKind
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.outgoing import check_url
from leadscoring.people.models import Team, User


@transaction.atomic
def set_webhook(*, team: Team, url: str, kinds: Collection[str], actor: User, at: datetime) -> ChatWebhook:
    """Let notices of these kinds go to that address; an empty `url` keeps the one that is set.

    Raises DomainError: `webhook.not_yours`, `webhook.missing`, `webhook.kinds`, and what
    `leadscoring.outgoing.check_url` raises.
    """
    _check_may_set(actor, team)
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    webhook = ChatWebhook.objects.filter(team=team).first() or ChatWebhook(team=team, url="")
    webhook.url = url.strip() or webhook.url
    if not webhook.url:
        raise DomainError("webhook.missing", _("Paste the address that your chat gave out."))
    check_url(webhook.url)
    webhook.kinds = [kind.value for kind in NoticeKind if kind.value in kinds]
    if not webhook.kinds:
        raise DomainError("webhook.kinds", _("Choose at least one kind of notice."))
    webhook.save()
    host = urlsplit(webhook.url).hostname
    record(
        action="chat_webhook.set",
        target=team,
        actor=actor,
        at=at,
        host=host,
        replaced=bool(url),
        kinds=webhook.kinds,
    )
    return webhook


@transaction.atomic
def remove(*, webhook: ChatWebhook, actor: User, at: datetime) -> None:
    """Post nothing more; what waits is set aside after its tries. Raises DomainError `webhook.not_yours`."""
    _check_may_set(actor, webhook.team)
    record(action="chat_webhook.removed", target=webhook.team, actor=actor, at=at)
    webhook.delete()


def last_delivery(team: Team) -> str:
    """How the latest message to the team's chat fared, in a sentence."""
    last = Delivery.objects.filter(team=team).order_by("-pk").first()
    if last is None:
        return _("Nothing has been posted yet.")
    words = {"at": _exact(last.sent_at or last.set_aside_at or last.due_at), "reason": last.reason}
    if last.sent_at:
        return _("Posted on %(at)s.") % words
    if last.set_aside_at:
        return _("Given up on %(at)s: %(reason)s") % words
    if last.tries:
        return _("Not posted: %(reason)s Next try on %(at)s.") % words
    return _("On its way.")


def _exact(at: datetime) -> str:
    return date_format(localtime(at), "j M Y, H:i T")


def _check_may_set(user: User, team: Team) -> None:
    if not access.may_set_team(user, team):
        raise DomainError(
            "webhook.not_yours", _("Only an Admin or a manager of this team can set its chat webhook.")
        )
