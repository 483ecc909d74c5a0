"""The text form of a version (docs/scoring.md §8): YAML for people, canonical JSON for freezing, one spec.

`parse` and `to_yaml` are for people's files, `canonical`, `digest` and `thaw` for what is stored.
"""

from scoring_models.spec import Spec
from scoring_models.spec_text.frozen import canonical, digest, thaw
from scoring_models.spec_text.problems import InvalidVersion, Problem
from scoring_models.spec_text.reader import read
from scoring_models.spec_text.rows import freeze, spec_of
from scoring_models.spec_text.tree import plain
from scoring_models.spec_text.writer import to_yaml
from scoring_models.vocabulary import Vocabulary, current_vocabulary

__all__ = (
    "InvalidVersion",
    "Problem",
    "canonical",
    "digest",
    "freeze",
    "parse",
    "read",
    "spec_of",
    "thaw",
    "to_yaml",
)


def parse(text: str, vocabulary: Vocabulary | None = None) -> Spec:
    """The spec in a YAML text. Without a vocabulary, the database's attributes and signal types are known.

    Raises InvalidVersion with everything that is wrong, its place, line and remedy.
    """
    data, notes = plain(text)
    return read(data, vocabulary or current_vocabulary(), notes)
