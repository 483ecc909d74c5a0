"""By which names a person is known: those that leads have, and aliases that lead to them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from leads.ingestion.identity import LEAD_KEYS
from leads.ingestion.people import find_named
from leads.intake.reading import Name
from leads.models import IntakeAlias, IntakeMessage

LONGEST_CHAIN = 5


@dataclass(slots=True)
class Found:
    """`leads` are the ids of those that are known; `ends` where the aliases of the others lead."""

    leads: dict[Name, int] = field(default_factory=dict)
    ends: dict[Name, Name] = field(default_factory=dict)

    def lead(self, names: Iterable[Name]) -> int | None:
        """The lead of the first of these names that is known."""
        return next((self.leads[name] for name in names if name in self.leads), None)


def find(names: Collection[Name]) -> Found:
    """Look all these up at once."""
    found = Found(ends={name: name for name in names})
    for _step in range(LONGEST_CHAIN):
        open_ = {end for name, end in found.ends.items() if name not in found.leads}
        known = find_named({(end.kind, end.value) for end in open_ if end.kind in LEAD_KEYS})
        leads = {Name(*key): lead_id for key, lead_id in known.items()}
        found.leads |= {name: leads[end] for name, end in found.ends.items() if end in leads}
        aliases = _aliases(open_ - leads.keys())
        if not aliases:
            break
        found.ends |= {name: aliases[end] for name, end in found.ends.items() if end in aliases}
    return found


def add_aliases(pairs: Collection[tuple[Name, Name]]) -> None:
    """Let each first name stand for the second, where it stands for nobody yet; who waits for it goes on."""
    new = {name: better for name, better in reversed(list(pairs)) if name != better}
    if not new:
        return
    known = set(IntakeAlias.objects.filter(pk__in=map(str, new)).values_list("pk", flat=True))
    fresh = [(str(name), str(better)) for name, better in new.items() if str(name) not in known]
    IntakeAlias.objects.bulk_create(
        [IntakeAlias(name=name, means=better) for name, better in sorted(fresh)], ignore_conflicts=True
    )
    release(name for name, _better in fresh)


def release(names: Iterable[str]) -> int:
    """Let messages that are held for these go on; how many."""
    held = IntakeMessage.objects.filter(state=IntakeMessage.State.HELD, waits_for__in=list(names))
    return held.update(state=IntakeMessage.State.WAITING, waits_for=None)


def _aliases(names: Collection[Name]) -> Mapping[Name, Name]:
    rows = IntakeAlias.objects.filter(pk__in=map(str, names)).values_list("name", "means")
    return {Name.read(name): Name.read(means) for name, means in rows}
