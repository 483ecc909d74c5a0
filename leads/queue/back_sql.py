"""Since when a lead is back from a snooze, until somebody does something with it: in SQL, for lists."""

# Of a score `s`; NULL where its lead isn't back. `away.back_from_snooze` says the same of one lead, and who.
BACK_AT = """(
    SELECT b.at
      FROM (SELECT CASE WHEN s.snoozed_until <= %(now)s THEN s.snoozed_until
                        WHEN s.last_intent_at > s.snoozed_at THEN s.last_intent_at END AS at) b
     WHERE s.snoozed_at IS NOT NULL AND NOT EXISTS (
           SELECT FROM leads_activity d WHERE d.lead_id = s.lead_id AND d.at >= b.at AND d.undone_at IS NULL)
)"""
