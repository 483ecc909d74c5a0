"""Scoring models, their versions, and what happened to each.

A draft's rows are edited; sending it for approval freezes them into `frozen` (canonical JSON) with its
digest. Everything that scores reads the frozen text. Triggers keep what this page promises: they record
editors, refuse an editor's approval, and make frozen rows immutable.
"""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads.models import Attribute
from leadscoring.ranges import TsTzRange

KEY = RegexValidator(r"^[a-z][a-z0-9_-]*$", "Use small letters, digits, - and _, a letter first.")


class ScoringModel(models.Model):
    """A named purpose with many versions. Of models in their order, the first that a lead matches scores it.

    `position` is its place in the order that holds now; `Arrangement` says which held before.
    """

    name = models.CharField(max_length=100, unique=True)
    position = models.IntegerField(help_text="Models are asked in this order, smallest first.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="owned_models"
    )
    reviewed_at = models.DateTimeField(null=True, help_text="When a manager last kept what is live.")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("position",), deferrable=models.Deferrable.DEFERRED, name="scoring_one_model_a_place"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Arrangement(models.Model):
    """Somebody changed the order of models at a moment: the ids of all there were, the first asked first.

    Until then they were asked as `before` has them. A model that is added goes first, which changes nothing
    in the order of the others, and has no arrangement.
    """

    at = models.DateTimeField(unique=True)
    arranged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before = ArrayField(models.BigIntegerField())
    after = ArrayField(models.BigIntegerField())


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class ModelVersion(models.Model):
    """A rule set. Live is not a state of it: `Activation` says who is live when."""

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    note = models.TextField("what changes and why", blank=True)
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    floor = models.IntegerField("lowest total", null=True, blank=True, default=0)
    ceiling = models.IntegerField("highest total", null=True, blank=True)
    engagement_cap = models.IntegerField(null=True, blank=True)
    engagement_floor = models.IntegerField(null=True, blank=True)
    fit_cap = models.IntegerField(null=True, blank=True)
    fit_floor = models.IntegerField(null=True, blank=True)
    audience = models.JSONField(
        default=list, blank=True, help_text="Conditions that must all hold: [{field, op, values or list}]."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    frozen = models.TextField(blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("model", "number"), name="scoring_version_number_once"),
            models.CheckConstraint(
                condition=Q(state="draft", frozen="", digest="")
                | ~Q(state="draft") & ~Q(frozen="") & ~Q(digest=""),
                name="scoring_frozen_unless_draft",
            ),
            models.CheckConstraint(
                condition=Q(engagement_cap__isnull=True)
                | Q(engagement_floor__isnull=True)
                | Q(engagement_cap__gte=F("engagement_floor")),
                name="scoring_engagement_cap_over_floor",
            ),
            models.CheckConstraint(
                condition=Q(fit_cap__isnull=True)
                | Q(fit_floor__isnull=True)
                | Q(fit_cap__gte=F("fit_floor")),
                name="scoring_fit_cap_over_floor",
            ),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | Q(floor__isnull=True) | Q(ceiling__gte=F("floor")),
                name="scoring_ceiling_over_floor",
            ),
        )

    def __str__(self) -> str:
        return gettext("%(model)s, version %(number)s") % {"model": self.model, "number": self.number}


class VersionList(models.Model):
    """A named list of values that the version's rules refer to. An empty one leaves its rules unknown."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="lists")
    name = models.CharField(max_length=60)
    values = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version", "name"), name="scoring_list_once"),)

    def __str__(self) -> str:
        return self.name


class Band(models.Model):
    class WorkedBy(models.TextChoices):
        SALES = "sales", _("Sales")
        MARKETING = "marketing", _("Marketing")

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="bands")
    key = models.CharField(max_length=60, validators=(KEY,))
    name = models.CharField(max_length=60)
    lower_edge = models.IntegerField("from", null=True, blank=True, help_text="Empty for the lowest band.")
    means = models.CharField(max_length=300, blank=True)
    action = models.CharField(max_length=300, blank=True)
    worked_by = models.CharField(max_length=10, choices=WorkedBy, default=WorkedBy.SALES)
    respond_within_hours = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "key"), name="scoring_band_key_once"),
            models.UniqueConstraint(
                fields=("version", "lower_edge"), nulls_distinct=False, name="scoring_band_edge_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """One rule of a draft. Its `kind` says which of the fields below it uses; the others stay empty."""

    class Dimension(models.TextChoices):
        ENGAGEMENT = "engagement", _("Engagement")
        FIT = "fit", _("Fit")

    class Kind(models.TextChoices):
        ATTRIBUTE = "attribute", _("an attribute")
        AT_LEAST = "at_least", _("a signal, at least N times")
        EACH = "each", _("a signal, each time")
        INACTIVITY = "inactivity", _("no activity")
        ACCOUNT = "account", _("colleagues' activity")

    class Decay(models.TextChoices):
        NONE = "", _("none")
        LINEAR = "linear", _("evenly, over the window")
        HALF_LIFE = "half_life", _("by half in so many days")

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=60, validators=(KEY,))
    dimension = models.CharField(max_length=10, choices=Dimension)
    points = models.IntegerField()
    enabled = models.BooleanField(default=True)
    note = models.CharField(max_length=500, blank=True)
    kind = models.CharField("counts", max_length=12, choices=Kind)

    attribute = models.ForeignKey(
        Attribute, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    operator = models.CharField(max_length=20, blank=True)
    values = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    value_list = models.CharField("named list", max_length=60, blank=True)

    signal_types = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    at_least = models.PositiveSmallIntegerField(null=True, blank=True, validators=(MinValueValidator(1),))
    at_most = models.PositiveSmallIntegerField(null=True, blank=True, validators=(MinValueValidator(1),))
    window_days = models.PositiveIntegerField(null=True, blank=True, validators=(MinValueValidator(1),))
    where = models.JSONField(
        default=list, blank=True, help_text="Conditions on a signal's properties: [{property, op, values}]."
    )
    decay = models.CharField(max_length=10, choices=Decay, default=Decay.NONE, blank=True)
    half_life_days = models.PositiveIntegerField(null=True, blank=True, validators=(MinValueValidator(1),))
    idle_days = models.PositiveIntegerField(null=True, blank=True, validators=(MinValueValidator(1),))
    again_every_days = models.PositiveIntegerField(null=True, blank=True, validators=(MinValueValidator(1),))
    people = models.PositiveSmallIntegerField(null=True, blank=True, validators=(MinValueValidator(1),))
    only_when = models.JSONField(
        default=list,
        blank=True,
        help_text="Conditions that must all hold too: [{field, op, values or list}].",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "key"), name="scoring_rule_key_once"),
            models.CheckConstraint(condition=~Q(points=0), name="scoring_rule_has_points"),
            models.CheckConstraint(
                condition=Q(decay="half_life", half_life_days__isnull=False)
                | Q(decay__in=("", "linear"), half_life_days__isnull=True),
                name="scoring_rule_half_life_has_days",
            ),
            models.CheckConstraint(
                condition=~Q(decay="linear") | Q(window_days__isnull=False),
                name="scoring_rule_linear_decay_has_window",
            ),
            models.CheckConstraint(
                condition=Q(again_every_days__isnull=True) | Q(at_most__isnull=False),
                name="scoring_rule_again_has_at_most",
            ),
            models.CheckConstraint(
                condition=Q(kind="account", people__gte=1) | ~Q(kind="account") & Q(people__isnull=True),
                name="scoring_rule_account_has_people",
            ),
        )

    def __str__(self) -> str:
        return self.key


class GoldenLead(models.Model):
    """An example of a draft, with the band or the score that the version must give it.

    `attributes` by key, and `signals` as [{type, days_ago, properties}]; numbers and dates are texts in them.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="golden")
    name = models.CharField(max_length=100)
    attributes = models.JSONField(default=dict, blank=True)
    signals = models.JSONField(default=list, blank=True)
    expect_band = models.CharField(max_length=60, blank=True)
    expect_score = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "name"), name="scoring_golden_lead_once"),
            models.CheckConstraint(
                condition=~Q(expect_band="") | Q(expect_score__isnull=False),
                name="scoring_golden_lead_expects",
            ),
        )

    def __str__(self) -> str:
        return self.name


class VersionEditor(models.Model):
    """Who edited a version (kept by trigger: every change of its rows, import and submission included)."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="editors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version", "user"), name="scoring_editor_once"),)


class Evidence(models.Model):
    """The pack on which a version that waits is decided: computed part by part, then frozen by trigger.

    It compares the version with the one that was live at `as_of`, by what was known then. `content` is
    canonical JSON of ids, counts and words of the model; `sha256` is of it. Whoever computes holds the row
    until `leased_until`; `failed` says in a sentence why nobody will.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="evidence")
    digest = models.CharField(max_length=64, help_text="Of the version's frozen text.")
    compared = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    parts = models.JSONField(default=dict, help_text="What is computed so far.")
    tries = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0, help_text="Grows with each lease; an old holder can't commit.")
    failed = models.TextField(blank=True)
    content = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("version",),
                condition=Q(finished_at__isnull=True, failed=""),
                name="scoring_one_evidence_under_way",
            ),
        )


class Review(models.Model):
    """One decision on a submitted version, bound to the digests of it and of the evidence that was seen."""

    class Decision(models.TextChoices):
        APPROVE = "approve", _("approved")
        RETURN = "return", _("returned")
        REJECT = "reject", _("rejected")

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=10, choices=Decision)
    digest = models.CharField(max_length=64)
    evidence = models.CharField(
        max_length=64, blank=True, db_default="", help_text="The SHA-256 of the evidence seen."
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    comment = models.TextField(blank=True)


class Activation(models.Model):
    """When a version was live, is or will be: `starts_at <= t < ends_at` (None: until further notice).

    One at a time a model and kind. A planned one has `scheduled_at`, the moment of the decision; called off
    before it began, it ends when it starts and so never was.
    """

    class Kind(models.TextChoices):
        LIVE = "live", _("Live")

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="activations")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="activations")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.LIVE, db_default="live")
    share = models.PositiveSmallIntegerField(
        default=100, db_default=100, help_text="Percent of the leads that it scores."
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    scheduled_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_up_exception = models.BooleanField(
        default=False, help_text="The first version of a model, live without approval."
    )

    class Meta:
        constraints = (
            # Another kind takes more than a row: whoever asks what is live would have to tell them apart.
            models.CheckConstraint(condition=Q(kind="live", share=100), name="scoring_live_for_all"),
            models.CheckConstraint(
                condition=Q(scheduled_at=None) | Q(starts_at__gt=F("scheduled_at")),
                name="scoring_planned_ahead",
            ),
            ExclusionConstraint(
                name="scoring_one_live_version",
                expressions=(
                    ("model", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ),
            ),
        )

    @property
    def is_called_off(self) -> bool:
        return self.ends_at == self.starts_at


class BandAgreement(models.Model):
    """One person's word, for marketing or for sales, that a band means this. It is of these words."""

    class Side(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        SALES = "sales", _("Sales")

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="agreements")
    band_key = models.CharField(max_length=60)
    means = models.CharField(max_length=300)
    side = models.CharField(max_length=10, choices=Side)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("model", "band_key", "means", "side"), name="scoring_agreed_once"
            ),
            models.UniqueConstraint(
                fields=("model", "band_key", "means", "person"), name="scoring_agreed_by_two"
            ),
            models.CheckConstraint(condition=~Q(means=""), name="scoring_agreed_on_words"),
        )


class ActivationSeen(models.Model):
    """Who has seen that another version is live."""

    activation = models.ForeignKey(Activation, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "activation"), name="scoring_activation_seen_once"),
        )


class RescoreRun(models.Model):
    """One pass over all leads, in shards of lead ids. PostgreSQL owns its state; workers only carry it on."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="runs")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True, help_text="Until somebody has it go on.")
    leads = models.BigIntegerField(default=0, help_text="How many leads there were at the start.")


class RescoreShard(models.Model):
    """Leads with low <= id < high. Whoever works it holds it until `leased_until`.

    `as_of` is the moment by which they were scored; None of those that were done before it was kept.
    """

    run = models.ForeignKey(RescoreRun, on_delete=models.CASCADE, related_name="shards")
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    leased_until = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0, help_text="Grows with each lease; an old holder can't commit.")
    done_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    leads = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "low"), name="scoring_shard_once"),)


class Hits(models.Model):
    """How often rules count for each lead by what was known at `as_of`, so that a draft can be weighed.

    `rules` is the canonical text of the bare rules that were counted. Counting goes up the leads' ids and
    has come to `next_lead`; once it is finished, `fired` says for how many leads each rule counts. Kept in
    unlogged tables, whose rows go with their draft.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.DO_NOTHING, db_constraint=False, related_name="hits"
    )
    rules = models.TextField()
    digest = models.CharField(max_length=64)
    as_of = models.DateTimeField()
    next_lead = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    leads = models.BigIntegerField(default=0)
    fired = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("version", "digest"),
                condition=Q(finished_at=None),
                name="scoring_hits_counted_once",
            ),
        )


class HitSet(models.Model):
    """So many leads have these units, in the order of the hits' rules. Before the end one may come twice."""

    hits = models.ForeignKey(Hits, on_delete=models.DO_NOTHING, db_constraint=False, related_name="sets")
    units = ArrayField(models.FloatField())
    leads = models.BigIntegerField()
