"""What the pages can do, the API can: each page has its operations, or a reason why it has none."""

from tests.api.operations import every_operation
from tests.pages.test_routes import ROUTES

# Pages that programs have no use for, or that only help a person on their way.
PEOPLES = {
    "of signing in and of one's own password": (
        "home login logout password_change password_change_done password_reset password_reset_done"
        " password_reset_confirm password_reset_complete people:accept_invitation"
    ),
    "for those who run it": "healthz readyz",
    "of the screen: what came meanwhile, the palette, keys, a page's own parts": (
        "leads:news leads:counts leads:palette leads:switch_shortcuts leads:add_condition leads:undo_last"
        " leads:segment_counts scoring_models:seen scoring_models:progress scoring_models:evidence_progress"
        " unsent drop_unsent"
    ),
    "a line to paste into a website": "leads:snippet",
    "tasks of the first day, each with an address of its own": "scoring_models:set_up",
}
OPERATIONS = {
    "leads:queue": "show_queue",
    "leads:next": "take_next",
    "leads:views": "list_views",
    "leads:save_view": "save_view",
    "leads:view": "show_view",
    "leads:change_view": "change_view",
    "leads:replace_list": "change_view",
    "leads:delete_view": "delete_view",
    "leads:bulk": "count_leads",
    "leads:bulk_snooze": "begin_job",
    "leads:bulk_assign": "begin_job",
    "leads:bulk_export": "list_leads show_queue",
    "leads:bulk_job": "show_job list_jobs",
    "leads:bulk_cancel": "cancel_job",
    "leads:bulk_undo": "undo_job",
    "leads:list": "list_leads",
    "leads:export": "list_leads",
    "leads:lead": (
        "show_lead list_signals explain_lead show_situation show_value_history show_clocks show_account"
        " list_activities list_notes list_merges show_note"
    ),
    "leads:history": "list_history compare_moments",
    "leads:claim": "claim_lead show_claim",
    "leads:release": "release_lead",
    "leads:extend": "extend_claim",
    "leads:skip": "skip_lead",
    "leads:snooze": "snooze_lead",
    "leads:wake": "wake_lead",
    "leads:override": "set_override list_overrides",
    "leads:end_override": "end_override",
    "leads:merge": "preview_merge merge_leads",
    "leads:undo_merge": "undo_merge",
    "leads:add_note": "add_note",
    "leads:change_note": "change_note",
    "leads:value": "change_lead",
    "leads:duplicates": "list_duplicates",
    "leads:not_same": "say_not_same",
    "leads:take_back_not_same": "take_back_not_same",
    "leads:call": "log_outcome",
    "leads:signal": "log_signal",
    "leads:handoffs": "show_acceptance list_handoffs",
    "leads:team": "show_team_figures",
    "leads:given": "show_team_figures",
    "leads:overrides": "list_large_overrides",
    "leads:review_override": "review_override",
    "leads:reassign": "preview_reassignment reassign_leads",
    "leads:reassigned": "show_reassignment list_reassignments",
    "leads:undo_reassignment": "undo_reassignment",
    "leads:accept": "accept_lead",
    "leads:return": "return_lead",
    "leads:hand_over": "hand_over_lead",
    "leads:object": "note_objection",
    "leads:withdraw_objection": "withdraw_objection",
    "leads:activity": "list_own_activities list_own_list_changes list_own_setting_changes",
    "leads:undo": "undo_activity",
    "leads:undo_list_change": "undo_list_change",
    "leads:undo_setting_change": "undo_setting_change",
    "leads:notices": "list_notices",
    "leads:read_notices": "mark_notices_read",
    "leads:notice_settings": "show_notice_settings choose_notices",
    "leads:today": "show_today list_second_looks",
    "leads:response_times": "show_response_times",
    "leads:set_response_times": "change_response_times",
    "leads:intake": "list_reasons list_quarantine",
    "leads:replay": "replay_quarantine",
    "leads:replay_reason": "replay_quarantine",
    "leads:imports": "list_imports",
    "leads:upload": "upload_file",
    "leads:import": "show_import list_mappings",
    "leads:arrange_import": "change_import",
    "leads:begin_import": "begin_import",
    "leads:cancel_import": "cancel_import",
    "leads:discard_import": "discard_import",
    "leads:refused_rows": "download_refused_rows",
    "leads:nurture": "show_nurture",
    "leads:nurture_csv": "show_nurture",
    "leads:segments": "list_segments",
    "leads:save_segment": "save_segment",
    "leads:segment": "show_segment show_nurture",
    "leads:change_segment": "change_segment",
    "leads:replace_segment": "change_segment",
    "leads:delete_segment": "delete_segment",
    "scoring_models:models": "list_models show_model list_versions show_order",
    "scoring_models:arrange": "arrange_models",
    "scoring_models:new_model": "begin_model list_beginnings load_version",
    "scoring_models:assigned": "show_rows",
    "scoring_models:agree": "agree_on_band",
    "scoring_models:keep_as_is": "keep_model",
    "scoring_models:set_owner": "set_model_owner",
    "scoring_models:version": "show_version show_scoring",
    "scoring_models:export": "export_version",
    "scoring_models:compare": "compare_versions",
    "scoring_models:review": "show_evidence",
    "scoring_models:ask_for_evidence": "ask_for_evidence",
    "scoring_models:moves": "list_moves",
    "scoring_models:missed": "list_missed",
    "scoring_models:moves_export": "list_moves",
    "scoring_models:missed_export": "list_missed",
    "scoring_models:rebase": "rebase_version",
    "scoring_models:health": "show_health",
    "scoring_models:leads": "list_leads_behind",
    "scoring_models:leads_export": "list_leads_behind",
    "scoring_models:test": "test_on_lead test_on_imagined",
    "scoring_models:golden": "check_golden_leads",
    "scoring_models:add_golden": "add_golden_lead",
    "scoring_models:remove_golden": "remove_golden_lead",
    "scoring_models:start_draft": "start_draft",
    "scoring_models:discard": "discard_version",
    "scoring_models:submit": "submit_version",
    "scoring_models:withdraw": "withdraw_version",
    "scoring_models:approve": "approve_version",
    "scoring_models:return": "return_version",
    "scoring_models:reject": "reject_version",
    "scoring_models:schedule": "schedule_version",
    "scoring_models:cancel_schedule": "cancel_schedule",
    "scoring_models:stop_scoring": "stop_scoring",
    "scoring_models:resume_scoring": "resume_scoring",
    "scoring_models:activate": "activate_version",
    "scoring_models:go_back": "go_back_to_version",
}
# Of the admin: the editor of a draft, endpoints of webhooks, and what marketing keeps there.
ADMINS = (
    "edit_rows preview_draft list_webhooks create_webhook show_webhook change_webhook remove_webhook"
    " rotate_webhook_secret test_webhook replay_webhook list_webhook_messages show_webhook_message"
    " replay_webhook_message add_attribute add_signal_type change_account"
)
# Only programs ask for these: what they are told by names is listed somewhere.
PROGRAMS = (
    "save_lead add_signal add_signals list_accounts list_attributes list_signal_types list_teams list_people"
)


def test_each_page_has_its_operations_or_a_reason() -> None:
    peoples = {route for routes in PEOPLES.values() for route in routes.split()}
    assert set(OPERATIONS) | peoples == set(ROUTES)
    assert not set(OPERATIONS) & peoples


def test_each_operation_is_one_of_a_page_of_the_admin_or_for_programs_alone() -> None:
    named = [*OPERATIONS.values(), ADMINS, PROGRAMS]
    assert {name for names in named for name in names.split()} == {
        place.operation.name for place in every_operation()
    }
