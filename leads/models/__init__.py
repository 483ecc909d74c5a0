"""The tables of what is scored and worked."""

from leads.models.account import Account
from leads.models.activity import Activity
from leads.models.assignment import Assigned, Assignment, Claim, RoutingEntry, Turn
from leads.models.attribute import Attribute, Entity, Kind
from leads.models.dated_value import DatedValue
from leads.models.lead import Lead
from leads.models.outcome import Outcome, OutcomeKind
from leads.models.override import Override, OverrideKind, OverrideReason, OverrideReview
from leads.models.response import Response, ResponseMark, ResponseTime
from leads.models.saved_view import SavedView
from leads.models.score import Score, Stale
from leads.models.score_change import Cause, ScoreChange
from leads.models.signal import (
    Retraction,
    Signal,
    SignalClass,
    SignalDetail,
    SignalKey,
    SignalType,
    Stage,
    WaitingSignal,
)

__all__ = (
    "Account",
    "Activity",
    "Assigned",
    "Assignment",
    "Attribute",
    "Cause",
    "Claim",
    "DatedValue",
    "Entity",
    "Kind",
    "Lead",
    "Outcome",
    "OutcomeKind",
    "Override",
    "OverrideKind",
    "OverrideReason",
    "OverrideReview",
    "Response",
    "ResponseMark",
    "ResponseTime",
    "Retraction",
    "RoutingEntry",
    "SavedView",
    "Score",
    "ScoreChange",
    "Signal",
    "SignalClass",
    "SignalDetail",
    "SignalKey",
    "SignalType",
    "Stage",
    "Stale",
    "Turn",
    "WaitingSignal",
)
