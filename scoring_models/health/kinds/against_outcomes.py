"""A rule that gives points where leads win less often than elsewhere, or takes them where more often."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from leads.templatetags.points import signed
from scoring_models.health.findings import Finding, RuleLift, Term
from scoring_models.health.subject import Subject


def find(subject: Subject) -> Iterator[Finding]:
    fired = {rule.key: count.fired for rule, count in subject.counted()}
    for lift in subject.lifts:
        # The whole interval lies on the wrong side of 1.
        if lift.high < 1 if lift.points > 0 else lift.low > 1:
            yield Finding(
                "against_outcomes",
                80,
                _sentence(lift),
                (lift.rule,),
                (Term("fires", lift.rule),),
                fired[lift.rule],
            )


def _sentence(lift: RuleLift) -> str:
    said = {
        "rule": lift.sentence,
        "points": signed(lift.points),
        "lift": f"{lift.lift:.2f}",
        "low": f"{lift.low:.2f}",
        "high": f"{lift.high:.2f}",
        "leads": lift.leads,
    }
    return (
        _(
            "“%(rule)s” (%(points)s): its leads won %(lift)s times as often as the others"
            " (%(low)s to %(high)s; %(leads)d closed leads)."
        )
        % said
    )
