"""Too much or too little of the possible score that comes from what leads do."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scoring_models.balance import LEAST, MOST, balance
from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject, number
from scoring_models.spec import Dimension


def find(subject: Subject) -> Iterator[Finding]:
    found = balance(subject.spec)
    share = found.engagement_share
    if share is None or found.is_good:
        return
    heavy = Dimension.ENGAGEMENT if share > MOST else Dimension.FIT
    count = subject.census.one_sided[heavy]
    said = {"share": share, "engagement": found.engagement, "fit": found.fit, "count": number(count)}
    said |= {"least": LEAST, "most": MOST}
    if heavy is Dimension.ENGAGEMENT:
        sentence = _(
            "Engagement is %(share)d %% of the possible score (%(engagement)d : %(fit)d)."
            " Aim for %(least)d to %(most)d %%: a cap does it. %(count)s leads score by what they do alone."
        )
    else:
        sentence = _(
            "Engagement is only %(share)d %% of the possible score (%(engagement)d : %(fit)d)."
            " Aim for %(least)d to %(most)d %%. %(count)s leads score by who they are alone."
        )
    weight = min(50 + max(share - MOST, LEAST - share), 80)
    yield Finding("balance", weight, sentence % said, (), (Term("only", heavy),), count)
