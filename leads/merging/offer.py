"""What two leads say of everything that a merge can take from one of them, and what it suggests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leads.attributes import definitions
from leads.merging.pair import Pair
from leads.merging.parts import OUTCOME, PARTS
from leads.models import Attribute, Entity

UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Offer:
    """One line: what each lead says ("" for nothing). Where they differ and the absorbed one says something,
    it can be `chosen`; `suggested` says whether to do so unless somebody decides otherwise.
    """

    key: str
    label: str
    kept: str
    absorbed: str
    can_choose: bool
    suggested: bool


def offers(pair: Pair) -> Sequence[Offer]:
    """The lines of a merge: the values of the person in their order, then the rest. Those that both lack are
    left out.
    """
    return [one for one in (*_values(pair), *_parts(pair)) if one.kept or one.absorbed]


def suggested(pair: Pair) -> list[str]:
    """What a merge takes where nobody chose."""
    return [one.key for one in offers(pair) if one.suggested]


def _values(pair: Pair) -> Iterator[Offer]:
    attributes: Mapping[str, Attribute] = definitions()
    for attribute in sorted(attributes.values(), key=lambda one: (not one.standard, one.pk)):
        if attribute.entity == Entity.LEAD:
            kept, absorbed = (
                str(lead.attributes.get(attribute.key, "")) for lead in (pair.kept, pair.absorbed)
            )
            differ = bool(absorbed) and kept != absorbed
            # Nobody is written to by mistake because the other row had said nothing of it.
            is_no = attribute.key == UNSUBSCRIBED and pair.absorbed.facts.get(UNSUBSCRIBED) is True
            yield Offer(
                attribute.key, attribute.label, kept, absorbed, differ, differ and (not kept or is_no)
            )


def _parts(pair: Pair) -> Iterator[Offer]:
    for key, part in PARTS.items():
        kept, absorbed = (part.says(lead, pair.at) for lead in (pair.kept, pair.absorbed))
        differ = bool(absorbed) and kept != absorbed and not (key == OUTCOME and kept)
        yield Offer(key, str(part.label), kept, absorbed, differ, differ and part.wanted(pair))
