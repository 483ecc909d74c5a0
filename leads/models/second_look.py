"""Leads of lower bands that were drawn at random, so that what the model misses can be measured."""

from django.db import models

from leads.models.lead import Lead
from leadscoring.people.models import Team


class SecondLookDraw(models.Model):
    """One team's draw of one day, once by constraint. The same `seed` and leads give the same draw again."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(help_text="By the team's clock.")
    seed = models.CharField(max_length=32)
    places = models.PositiveSmallIntegerField(help_text="How many leads were wanted.")
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("team", "day"), name="leads_one_second_look_draw_a_day"),
        )


class SecondLook(models.Model):
    """One drawn lead, with all that weighs it: of the `size` leads of its band `drawn` were drawn, each with
    the same odds."""

    draw = models.ForeignKey(SecondLookDraw, on_delete=models.CASCADE, related_name="looks")
    place = models.PositiveSmallIntegerField(help_text="From 1: where it stands among the day's.")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    band = models.CharField(max_length=60, help_text="Key of the lead's band then: its stratum.")
    size = models.PositiveIntegerField()
    drawn = models.PositiveSmallIntegerField()
    version_id = models.IntegerField(help_text="Which version scored the lead then.")
    total = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("draw", "place"), name="leads_second_look_place_once"),
            models.UniqueConstraint(fields=("draw", "lead"), name="leads_second_look_lead_once"),
            models.CheckConstraint(
                condition=models.Q(drawn__gte=1, size__gte=models.F("drawn")),
                name="leads_second_look_has_odds",
            ),
        )

    @property
    def one_in(self) -> int:
        """The odds as people say them: drawn 1 in so many."""
        return round(self.size / self.drawn)
