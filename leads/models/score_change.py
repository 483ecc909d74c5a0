"""What scores were: a row for each change that is kept, with what brought it about."""

from enum import IntFlag

from django.db import models


class Cause(IntFlag):
    """Why a score changed. Marks carry what was learned; a pass adds what it sees; several are OR-ed.

    VERSION: what is live changed. MODEL: the lead went over to another model, and what is live stayed.
    FIRST with VERSION: scored first by a run over all leads, and kept once that score changed.
    None of them: the lead was scored again and nobody said why.
    """

    SIGNAL = 1
    RETRACTION = 2
    ATTRIBUTE = 4
    ACCOUNT = 8
    COLLEAGUE = 16
    MERGE = 32
    TIME = 64
    VERSION = 128
    FIRST = 256
    MODEL = 512


class ScoreChange(models.Model):
    """What a lead's score was from `at` on, which is the `as_of` of its evaluation and its `known_at`.

    What it was before is the row before; `band` is a rank as in Score. Steps that time alone takes are kept
    only where the band changed; the others are computed again from this row on. Append-only, with its moment
    in its key, so that it can be partitioned. A trigger deletes the rows of a lead with it.
    """

    pk = models.CompositePrimaryKey("lead_id", "at")
    lead_id = models.BigIntegerField()
    at = models.DateTimeField()
    version_id = models.IntegerField()
    total = models.IntegerField()
    engagement = models.IntegerField()
    fit = models.IntegerField()
    band = models.SmallIntegerField()
    cause = models.SmallIntegerField()
