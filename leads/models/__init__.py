"""The tables of what is scored and worked."""

from leads.models.account import Account
from leads.models.activity import Activity
from leads.models.assignment import Assigned, Assignment, Claim, RoutingEntry, Turn
from leads.models.attribute import Attribute, Entity, Kind
from leads.models.bulk import BulkItem, BulkJob
from leads.models.chat_webhook import ChatWebhook
from leads.models.dated_value import DatedValue
from leads.models.file_import import FileImport, FileKind, FilePiece, ImportedChunk, ImportState, SavedMapping
from leads.models.handoff import Handoff, ReturnReason
from leads.models.inbound_hook import InboundHook
from leads.models.intake import (
    EventMapping,
    IgnoredEvents,
    IntakeAlias,
    IntakeAttached,
    IntakeBelonging,
    IntakeIdentity,
    IntakeKey,
    IntakeMessage,
    TraitMapping,
)
from leads.models.lead import Lead
from leads.models.list_change import ListChange
from leads.models.merge import Merge
from leads.models.not_same import NotSame
from leads.models.notice import Channel, Delivery, Notice, NoticeKind, NoticeOptOut, RiseMark
from leads.models.outcome import REASONS_OF, Outcome, OutcomeKind, OutcomeReason
from leads.models.override import Override, OverrideKind, OverrideReason, OverrideReview
from leads.models.reassignment import ReassignedLead, Reassignment
from leads.models.response import Response, ResponseMark, ResponseTime
from leads.models.saved_view import SavedView
from leads.models.score import Score, Stale
from leads.models.score_change import Cause, ScoreChange
from leads.models.second_look import SecondLook, SecondLookDraw
from leads.models.segment import Segment
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
from leads.models.skip import Skip, SkipReason
from leads.models.snooze import Snooze
from leads.models.webhook_mark import WebhookMark

__all__ = (
    "REASONS_OF",
    "Account",
    "Activity",
    "Assigned",
    "Assignment",
    "Attribute",
    "BulkItem",
    "BulkJob",
    "Cause",
    "Channel",
    "ChatWebhook",
    "Claim",
    "DatedValue",
    "Delivery",
    "Entity",
    "EventMapping",
    "FileImport",
    "FileKind",
    "FilePiece",
    "Handoff",
    "IgnoredEvents",
    "ImportState",
    "ImportedChunk",
    "InboundHook",
    "IntakeAlias",
    "IntakeAttached",
    "IntakeBelonging",
    "IntakeIdentity",
    "IntakeKey",
    "IntakeMessage",
    "Kind",
    "Lead",
    "ListChange",
    "Merge",
    "NotSame",
    "Notice",
    "NoticeKind",
    "NoticeOptOut",
    "Outcome",
    "OutcomeKind",
    "OutcomeReason",
    "Override",
    "OverrideKind",
    "OverrideReason",
    "OverrideReview",
    "ReassignedLead",
    "Reassignment",
    "Response",
    "ResponseMark",
    "ResponseTime",
    "Retraction",
    "ReturnReason",
    "RiseMark",
    "RoutingEntry",
    "SavedMapping",
    "SavedView",
    "Score",
    "ScoreChange",
    "SecondLook",
    "SecondLookDraw",
    "Segment",
    "Signal",
    "SignalClass",
    "SignalDetail",
    "SignalKey",
    "SignalType",
    "Skip",
    "SkipReason",
    "Snooze",
    "Stage",
    "Stale",
    "TraitMapping",
    "Turn",
    "WaitingSignal",
    "WebhookMark",
)
