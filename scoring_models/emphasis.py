"""A rule's sentence with what one would change in it set apart: what it is about, its values, its numbers."""

import re
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from scoring_models.sentences import inside, sentence, values_said
from scoring_models.spec import AttributeCondition, Inactivity, RuleSpec
from scoring_models.vocabulary import Vocabulary

NUMBER = r"\d+"


def emphasised(rule: RuleSpec, vocabulary: Vocabulary) -> SafeString:
    """The sentence of a rule as HTML."""
    texts = sorted(set(filter(None, _changeable(rule, vocabulary))), key=len, reverse=True)
    alternatives = "|".join((*map(re.escape, texts), NUMBER))
    parts = re.split(rf"(?<!\w)({alternatives})(?!\w)", sentence(rule, vocabulary))
    marked = (format_html("<b>{}</b>" if place % 2 else "{}", part) for place, part in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in marked))


def _changeable(rule: RuleSpec, vocabulary: Vocabulary) -> Iterator[str]:
    """The texts of a rule's sentence that come from what somebody chose."""
    condition = rule.condition
    attributes = [*rule.only_when, *([condition] if isinstance(condition, AttributeCondition) else [])]
    for each in attributes:
        yield vocabulary.attribute_label(each.field)
        yield values_said(each)
    if isinstance(condition, AttributeCondition):
        return
    labels = [vocabulary.signal_label(key) for key in condition.types]
    yield from labels[:1]
    yield from map(inside, labels[1:])
    if not isinstance(condition, Inactivity):
        for where in condition.where:
            yield where.property.replace("_", " ")
            yield values_said(where)
