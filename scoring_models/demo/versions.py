"""The demo's scoring model: the reference with filled lists, and a change that waits for approval."""

from datetime import datetime, timedelta
from pathlib import Path

import yaml
from django.db.models import F

from leadscoring.actors import acting
from leadscoring.people.models import User
from scoring_models import agreements, drafts, upkeep, versions
from scoring_models.agreements import Side
from scoring_models.demo import words
from scoring_models.models import Activation, ModelVersion
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, spec_of

REFERENCE = Path(__file__).parents[1] / "reference" / "linkedin_b2b.yaml"

LISTS = {
    "target titles": words.TARGET_TITLES,
    "titles without a say": words.TITLES_WITHOUT_A_SAY,
    "target industries": words.TARGET_INDUSTRIES,
    "target company sizes": words.TARGET_SIZES,
    "competitors": words.COMPETITORS,
}


def reference() -> Spec:
    """The reference model as it ships, its lists empty."""
    return parse(REFERENCE.read_text())


def filled_reference() -> Spec:
    """The reference model with the lists of the demo company."""
    data = yaml.safe_load(REFERENCE.read_text())
    data["lists"] = {name: list(LISTS[name]) for name in data["lists"]}
    return parse(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))


def put_live(spec: Spec, *, at: datetime) -> None:
    """Put the first version live, as the set-up exception, unless a model has been live before."""
    if not Activation.objects.exists():
        versions.set_up(spec=spec, actor=User.objects.system(), at=at)


def look_after(*, marketing: User, manager: User, now: datetime) -> None:
    """Have somebody own the model, both sides agree on its words, and a manager look at it lately."""
    live = ModelVersion.objects.get(number=1)
    if live.model.owner_id is not None:
        return
    upkeep.set_owner(model=live.model, owner=marketing, actor=manager, at=now - timedelta(days=90))
    for band in spec_of(live).bands:
        for side, person in ((Side.MARKETING, marketing), (Side.SALES, manager)):
            agreements.agree(
                version=live,
                band_key=band.key,
                means=band.means,
                side=side,
                actor=person,
                at=now - timedelta(days=88),
            )
    upkeep.keep_as_is(model=live.model, actor=manager, at=now - timedelta(days=12))


def propose(*, author: User, now: datetime) -> ModelVersion:
    """Leave a small, sensible change waiting, so that managers see something to review."""
    live = ModelVersion.objects.get(number=1)
    draft = drafts.start_from(version=live, actor=author, at=now - timedelta(days=2, hours=3))
    with acting(author):
        draft.note = "Comments close better than we thought, profile views alone worse."
        draft.save(update_fields=["note"])
        draft.rules.filter(key="comments").update(points=F("points") + 5)
        draft.rules.filter(key="profile-views").update(points=F("points") - 5, window_days=21)
    return versions.submit(version=draft, actor=author, at=now - timedelta(days=1, hours=2))
