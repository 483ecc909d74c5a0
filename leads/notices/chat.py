"""The third channel: notices of a team's people in the team's chat, as Slack and those like it take them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from leads.models.chat_webhook import ChatWebhook
from leads.models.notice import TO_MANY, Channel, Delivery, Notice
from leads.notices.wording import sentence
from leadscoring.errors import DomainError
from leadscoring.outgoing import post
from leadscoring.people.models import Membership

TOTAL_S = 5.0
# Words that call everybody in a channel, which a lead's name must not.
_CALLS = re.compile(r"@(?=channel|all|here|everyone)", re.IGNORECASE)


def deliveries(
    notices: Sequence[Notice], unwanted: set[tuple[int, str, str]], *, at: datetime
) -> list[Delivery]:
    """What is to be posted of new notices: to the lead's team, or to the person's where there is no lead.

    What is told to many at once is posted once a team.
    """
    webhooks = {webhook.team_id: webhook for webhook in ChatWebhook.objects.all()}
    wanted = [one for one in notices if (one.person_id, one.kind, Channel.CHAT) not in unwanted]
    if not webhooks or not wanted:
        return []
    teams = _teams({one.person_id for one in wanted})
    found: dict[tuple[object, ...], Delivery] = {}
    for one in wanted:
        for team_id in _addressed(one, teams):
            if team_id in webhooks and one.kind in webhooks[team_id].kinds:
                whose = None if one.kind in TO_MANY else one.person_id
                key = (team_id, one.kind, one.subject, one.occasion, whose)
                found.setdefault(key, Delivery(notice=one, channel=Channel.CHAT, team_id=team_id, due_at=at))
    return list(found.values())


def _addressed(notice: Notice, teams: Mapping[int, Iterable[int]]) -> Iterable[int]:
    if notice.lead is not None and notice.lead.team_id is not None:
        return (notice.lead.team_id,)
    return teams[notice.person_id]


def _teams(people: set[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, team_id in Membership.objects.filter(user__in=people).values_list("user_id", "team_id"):
        found[user_id].append(team_id)
    return found


def send(delivery: Delivery) -> None:
    """Post it. Raises DomainError, whose sentence has nothing of the address but its host."""
    webhook = ChatWebhook.objects.filter(team=delivery.team_id).first()
    if webhook is None:
        raise DomainError("webhook.gone", _("The team has no chat webhook any more."))
    body = json.dumps({"text": text(delivery.notice)}).encode()
    answer = post(webhook.url, body, {"Content-Type": "application/json"}, total_s=TOTAL_S)
    if not 200 <= answer.status < 300:
        words = {"host": urlsplit(webhook.url).hostname, "status": answer.status}
        raise DomainError("webhook.refused", _("%(host)s answered %(status)s.") % words)


def text(notice: Notice) -> str:
    """What the chat shows: the sentence, whom it concerns, and where to look."""
    said = sentence(notice)
    if notice.kind not in TO_MANY:
        said = _("For %(person)s: %(said)s") % {"person": notice.person, "said": said}
    return f"{_inert(' '.join(said.split()))}\n{settings.PUBLIC_URL}{notice.link}"


def _inert(said: str) -> str:
    """Names may not become links or calls (Slack's three escapes; Mattermost calls by @)."""
    escaped = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _CALLS.sub("@\u200b", escaped)
