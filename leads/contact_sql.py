"""Which leads don't want to be contacted, in SQL for lists of leads (`leads.contact` says it of one)."""

REFUSALS = ("unsubscribed", "disconnected")

_LATEST = """
       LEFT JOIN LATERAL (
            SELECT s.type_id = (SELECT id FROM leads_signaltype WHERE key = '{off}') AS off,
                   s.occurred_at AS at
              FROM leads_signal s
             WHERE s.lead_id = ANY (l.id || ARRAY (SELECT g.absorbed_id FROM leads_merge g
                                                    WHERE g.kept_id = l.id AND g.undone_at IS NULL))
               AND s.type_id = ANY (ARRAY (SELECT id FROM leads_signaltype WHERE key IN ('{off}', '{on}')))
               AND s.retracted_at IS NULL AND s.occurred_at <= %(now)s
             ORDER BY s.occurred_at DESC, s.id DESC LIMIT 1
       ) {name} ON TRUE"""
# Joined to leads `l`: the latest of each pair, whether it breaks off and when.
LATEST_WORDS = _LATEST.format(off="unsubscribed", on="resubscribed", name="links") + _LATEST.format(
    off="disconnected", on="reconnected", name="bonds"
)
# Since when lead `l` has the value that a person set.
TOLD_AT = """CASE WHEN l.facts ? 'unsubscribed' THEN (
                           SELECT max(v.since) FROM leads_datedvalue v
                            WHERE v.lead_id = l.id AND v.key = 'unsubscribed' AND v.retracted_at IS NULL
                              AND v.since <= %(now)s) END"""
# Joined to leads `l`: one row `contact`, whose `refusal` is one of REFUSALS, or NULL. It is what `refusal_of`
# says, for many leads at once.
REFUSAL_OF_LEADS = f"""
  LEFT JOIN LATERAL (
       SELECT CASE
                WHEN CASE WHEN told.off IS NULL OR links.at > told.at
                            OR told.at IS NULL AND links.at IS NOT NULL
                          THEN links.off ELSE told.off END
                THEN '{REFUSALS[0]}'
                WHEN bonds.off AND (told.off IS NOT FALSE OR told.at IS NULL OR bonds.at > told.at)
                THEN '{REFUSALS[1]}'
              END AS refusal
         FROM (SELECT (l.facts ->> 'unsubscribed')::boolean AS off,
                      {TOLD_AT} AS at) told
              {LATEST_WORDS}
  ) contact ON TRUE"""
# The same refusal of the lead `l`, as a value: only of leads that ever said so is it asked.
REFUSAL = f"""
CASE WHEN l.facts ? 'unsubscribed' OR l.id IN (
          SELECT COALESCE(m.kept_id, g.lead_id)
            FROM leads_signal g LEFT JOIN leads_merge m ON m.absorbed_id = g.lead_id AND m.undone_at IS NULL
           WHERE g.type_id = ANY (ARRAY (SELECT id FROM leads_signaltype WHERE key IN {REFUSALS!r}))
             AND g.retracted_at IS NULL)
     THEN (SELECT contact.refusal FROM (VALUES (1)) one {REFUSAL_OF_LEADS}) END"""
