"""The rows of a ranked list as HTML.

Written out here and not in a template, which takes several times as long to put them together: a page has
fifty, and they were most of what it took to make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leads.queue.ranking import Row
from leads.scorer import Band
from leads.templatetags.bands import look
from leads.templatetags.moved import crossed, delta
from leads.templatetags.response import due

register = template.Library()


@dataclass(frozen=True, slots=True)
class _Words:
    """What rows say, looked up once: where a language has no translation, that takes longest of all."""

    choose: str
    overridden: str
    unmoved: str
    refuses: str
    unsubscribed: str
    disconnected: str
    from_snooze: str
    yours: str
    until: str
    free: str
    more: str
    claim: str
    verbs: tuple[tuple[str, str], ...]


def _words() -> _Words:
    return _Words(
        choose=_("Choose %(name)s"),
        overridden=_("Overridden by %(person)s"),
        unmoved=delta(None),
        refuses=_("They don't want to be contacted"),
        unsubscribed=_("unsubscribed"),
        disconnected=_("disconnected"),
        from_snooze=_("back from snooze"),
        yours=_("Yours"),
        until=_("until %(time)s"),
        free=_("free"),
        more=_("More"),
        claim=_("Claim"),
        verbs=(("call", _("Outcome")), ("snooze", _("Snooze")), ("skip", _("Skip")), ("why", _("Why"))),
    )


@register.simple_tag(takes_context=True)
def drawn_rows(context: Context, items: Sequence[Mapping[str, Any]]) -> SafeString:
    """A list item for each of `leads.views.rows.grouped`'s rows.

    The lead that is `chosen` is the current one. With `plain_links` a row leads to the lead's own page and
    has neither a box to choose it nor verbs.
    """
    words, now, plain = _words(), timezone.now(), bool(context.get("plain_links"))
    chosen, queue = context.get("chosen"), reverse("leads:queue")
    drawn = []
    for item in items:
        row: Row = item["row"]
        pk, name = row.lead.pk, escape(row.name)
        here, path = escape(item["here"]), item["path"]
        leads_to = f'href="{path}"'
        pick = verbs = ""
        if not plain:
            leads_to = f'href="{here}" hx-get="{queue}{here}" hx-target="#panel" hx-push-url="true"'
            pick = _pick(pk, name, words)
            verbs = _verbs(row, name, item["claim"], f"{queue}{here}", words)
        current = ' aria-current="true"' if pk == chosen else ""
        drawn.append(
            f'<li class="row">{pick}<a data-row="{path}" {leads_to}{current}>'
            f"{_points(row, words)}{_what(row, name, escape(item['why']), words)}{_held(row, now, words)}"
            f"</a>{verbs}</li>"
        )
    return mark_safe("\n".join(drawn))


def _pick(pk: int, name: str, words: _Words) -> str:
    return (
        f'<label class="pick"><input type="checkbox" name="lead" value="{pk}" form="bulk"'
        f' aria-label="{words.choose % {"name": name}}"></label>'
    )


def _points(row: Row, words: _Words) -> str:
    if row.override:
        said = words.overridden % {"person": escape(row.override.author)}
        moved, was = f'<span class="mark" title="{said}">✎ {row.model_score}</span>', ""
    elif row.moved:
        moved, was = delta(row.moved), crossed(row.moved)
    else:
        moved, was = words.unmoved, ""
    return (
        f'<span class="points"><span class="score">{row.score}</span>{moved}</span>'
        f'<span class="in-band">{_band(row.band)}{was}</span>'
    )


def _band(band: Band) -> str:
    return f'<span class="band {look(band)}">{escape(band.name)}</span>'


def _what(row: Row, name: str, why: str, words: _Words) -> str:
    states = ""
    if row.refusal:
        said = words.unsubscribed if row.refusal == "unsubscribed" else words.disconnected
        states = f' <span class="state bad" title="{words.refuses}">{said}</span>'
    if row.back_at:
        states += f' <span class="state">{words.from_snooze}</span>'
    return (
        f'<span class="what"><span class="who"><b dir="auto">{name}</b>{states}'
        f' <span dir="auto">{escape(row.what)}</span></span><span class="why">{why}</span></span>'
    )


def _held(row: Row, now: datetime, words: _Words) -> str:
    """Who has it, and how long it may still wait."""
    wait = ""
    if row.waiting:
        clock = row.waiting.first
        wait = f'<span class="wait{" late" if clock.is_late else ""}">{due(clock, now)}</span>'
    if row.claim:
        until = words.until % {"time": time_format(timezone.localtime(row.claim.expires_at), "H:i")}
        by = f'<b class="mine">{words.yours}</b><span class="tiny faint">{until}</span>'
    elif row.lead.owner:
        by = f'<span class="tiny faint" dir="auto">{escape(row.lead.owner)}</span>'
    else:
        by = f'<span class="tiny faint">{words.free}</span>'
    return f'<span class="held">{wait}{by}</span>'


def _verbs(row: Row, name: str, claim: str, address: str, words: _Words) -> str:
    pk = row.lead.pk
    verbs = "".join(
        f'<a class="btn tight" href="{address}&amp;verb={verb}" aria-label="{said}: {name}">{said}</a>'
        for verb, said in words.verbs
    )
    if not row.claim:
        verbs = (
            f'<button class="btn tight" form="claim-row" formaction="{claim}" name="next" value="{address}"'
            f' aria-label="{words.claim}: {name}">{words.claim}</button>{verbs}'
        )
    return (
        f'<button class="btn tight more-verbs" type="button" popovertarget="verbs-{pk}"'
        f' aria-label="{words.more}: {name}">{words.more}</button>'
        f'<div class="row-verbs" id="verbs-{pk}" popover hx-boost="true" hx-target="#panel"'
        f' hx-swap="innerHTML show:none"><b class="whose" dir="auto">{name}</b>{verbs}</div>'
    )
