"""A named list without values, whose rules can't be told for anybody."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject, empty_lists, number


def find(subject: Subject) -> Iterator[Finding]:
    counted = list(subject.counted())
    for name, values in subject.spec.lists:
        needing = [(rule, count) for rule, count in counted if name in empty_lists(rule)]
        if values or not needing:
            continue
        keys = tuple(rule.key for rule, _ in needing)
        unsure = needing[0][1].unsure
        sentence = ngettext(
            "The list “%(list)s” is empty: %(rules)d rule can't be told for any of %(count)s leads.",
            "The list “%(list)s” is empty: %(rules)d rules can't be told for any of %(count)s leads.",
            len(keys),
        ) % {"list": name, "rules": len(keys), "count": number(unsure)}
        yield Finding("empty_list", 85, sentence, keys, (Term("unsure", keys[0]),), unsure)
