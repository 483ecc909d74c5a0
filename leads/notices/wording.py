"""What notices say."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models.notice import Notice, NoticeKind


def sentence(notice: Notice) -> str:
    """A notice in one sentence, in the reader's language."""
    count = notice.data.get("count")
    if notice.kind == NoticeKind.REACHED and count:
        return ngettext(
            "%(count)d lead of yours came into a top band.",
            "%(count)d leads of yours came into a top band.",
            count,
        ) % {"count": count}
    if notice.kind == NoticeKind.OVERDUE and count:
        return ngettext(
            "%(count)d answer of yours is overdue.", "%(count)d answers of yours are overdue.", count
        ) % {"count": count}
    if notice.kind == NoticeKind.OVERRIDE_REVIEW and count:
        return ngettext(
            "%(count)d large override waits for a review.",
            "%(count)d large overrides wait for a review.",
            count,
        ) % {"count": count}
    return _of_one(notice)


def _of_one(notice: Notice) -> str:
    words = {"lead": notice.lead, **notice.data}
    match notice.kind:
        case NoticeKind.REACHED:
            return _("%(lead)s has reached %(band)s.") % words
        case NoticeKind.OVERDUE:
            return _("%(lead)s waits for an answer, and it is overdue.") % words
        case NoticeKind.OVERRIDE_ENDED if words.get("by"):
            return _("%(by)s ended your override of %(lead)s.") % words
        case NoticeKind.OVERRIDE_ENDED:
            return _("Your override of %(lead)s has ended.") % words
        case NoticeKind.OVERRIDE_REVIEW:
            return _("%(by)s's large override of %(lead)s waits for a review.") % words
        case NoticeKind.ENDPOINT_OFF if words["gone"]:
            return _("The endpoint “%(endpoint)s” said that it is gone, and was switched off.") % words
        case NoticeKind.ENDPOINT_OFF:
            return _("The endpoint “%(endpoint)s” failed for days and was switched off.") % words
        case _kind:
            return _("%(version)s waits for review.") % words
