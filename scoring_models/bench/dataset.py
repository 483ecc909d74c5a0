"""The data set: leads of invented people at invented companies, with signals over the last 13 months."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from leadscoring.people.users import invite
from scoring_models.demo import versions, words

SEED = 0.42
DAYS = 395
TEAMS = 4
REPS_A_TEAM = 15
LEADS_AN_ACCOUNT = 5
NUMBER_OF_OUTCOMES = 10_200  # a few leads came on the day on which they ended, and can't be tested

# How often each type of signal occurs, in parts.
MIX = {
    "profile_view": 25, "post_comment": 10, "content_save": 4, "content_share": 4, "page_view": 20,
    "post_like": 12, "email_open": 10, "email_click": 4, "connection_request_received": 3, "dm_received": 2,
    "content_download": 2, "webinar_attended": 1, "email_reply": 1, "sales_conversation": 1,
    "unsubscribed": 0.5, "resubscribed": 0.2, "disconnected": 0.5,
}  # fmt: skip
REGIONS = ("EMEA", "DACH", "APAC", "Americas", "Nordics", "Benelux", "Iberia", "Global", "Enterprise", "SMB",
           "Public Sector", "New Business", "Key Accounts", "Field", "Group")  # fmt: skip

ACCOUNTS = """
INSERT INTO leads_account (attributes, company, company_domain, company_size, industry, facts, created_at)
SELECT jsonb_build_object('company', name, 'company_size', size, 'industry', industry),
       CASE WHEN random() < 0.01 THEN 'corvelle' ELSE lower(name) END, 'company' || n || '.example',
       size, lower(industry), '{}', now()
  FROM (SELECT n, 'Company ' || n AS name,
               (%(sizes)s::text[])[1 + floor(random() * cardinality(%(sizes)s::text[]))] AS size,
               (%(industries)s::text[])[1 + floor(random() * cardinality(%(industries)s::text[]))] AS industry
          FROM generate_series(1, %(accounts)s) n) drawn
"""
# About nine in ten have a title: a rank in an area, for half of them of a region. Every second lead
# is owned by one of its team's reps.
LEADS = """
INSERT INTO leads_lead (external_id, account_id, team_id, owner_id, is_open, created_at, attributes, email,
                        first_name, last_name, job_title, country, source, ssi_score, facts)
SELECT 'B' || n, CASE WHEN random() < 0.9 THEN 1 + floor(random() * %(accounts)s) END,
       (%(teams)s::bigint[])[1 + n %% cardinality(%(teams)s::bigint[])],
       CASE WHEN random() < 0.5 THEN (%(reps)s::bigint[])[
            1 + n %% cardinality(%(teams)s::bigint[]) + cardinality(%(teams)s::bigint[])
              * floor(random() * %(reps_a_team)s)::int] END,
       random() < 0.9,
       now() - random() * %(days)s * interval '86400 seconds',
       jsonb_build_object('first_name', 'First ' || n, 'last_name', 'Last ' || n, 'job_title', title,
                          'email', 'b' || n || '@company.example', 'source', 'LinkedIn'),
       'b' || n || '@company.example', 'first ' || n, 'last ' || n, lower(title), 'de', 'linkedin',
       CASE WHEN random() < 0.6 THEN floor(random() * 100) END, '{}'
  FROM (SELECT n, CASE WHEN random() < 0.93 THEN
                 format((%(ranks)s::text[])[1 + floor(random() * cardinality(%(ranks)s::text[]))],
                        (%(areas)s::text[])[1 + floor(random() * cardinality(%(areas)s::text[]))])
                 || CASE WHEN random() < 0.5 THEN '' ELSE
                 ', ' || (%(regions)s::text[])[1 + floor(random() * cardinality(%(regions)s::text[]))] END
               END AS title
          FROM generate_series(1, %(leads)s) n) drawn
"""
WORDS = """
UPDATE leads_lead SET words = jsonb_build_object('job_title', replace(job_title, ',', ''))
 WHERE job_title LIKE '%%,%%'
"""
SIGNALS = """
INSERT INTO leads_signal (lead_id, type_id, occurred_at, received_at, key)
SELECT 1 + floor(random() * %(leads)s),
       (%(types)s::int[])[1 + floor(random() * cardinality(%(types)s::int[]))],
       moment, moment, gen_random_uuid()
  FROM (SELECT now() - random() * %(days)s * interval '86400 seconds' AS moment
          FROM generate_series(1, %(signals)s)) drawn
"""

# As if all had come one by one, so that the past knows them.
KNOWN_LEADS = "UPDATE leads_lead SET recorded_at = created_at"
KNOWN_ACCOUNTS = "UPDATE leads_account SET recorded_at = now() - %(days)s * interval '86400 seconds'"
# How it ended, within the last year: with the closed leads, and with some others to make up the number.
OUTCOMES = """
INSERT INTO leads_outcome (lead_id, kind, reason, at, note, source, recorded_at)
SELECT id, CASE WHEN random() < 0.3 THEN 'converted' ELSE 'lost' END, '', at, '', 'bench', at
  FROM (SELECT id, now() - random() * least(now() - created_at, interval '364 days') AS at
          FROM leads_lead WHERE created_at < now() - interval '3 days'
         ORDER BY is_open, id LIMIT %(outcomes)s) l
"""

# What takes leads out of the order of their scores: one in 500 is overridden, one in 5,000 claimed, one in 50
# snoozed.
OVERRIDES = """
INSERT INTO leads_override
       (lead_id, kind, points, band, reason, note, author_id, model_band, is_large, starts_at, ends_at)
SELECT id, 'points', 20, '', 'met', '', (%(reps)s::bigint[])[1], '', false,
       now() - interval '1 day', now() + interval '9 days'
  FROM leads_lead WHERE is_open AND id %% 499 = 0
"""
CLAIMS = """
INSERT INTO leads_claim (lead_id, user_id, taken_at, expires_at)
SELECT id, COALESCE(owner_id, (%(reps)s::bigint[])[1]), now(), now() + interval '1 day'
  FROM leads_lead WHERE is_open AND id %% 4999 = 0
"""
SNOOZED = """
UPDATE leads_lead SET snoozed_at = now(), snoozed_until = now() + interval '9 days'
 WHERE is_open AND id %% 47 = 0
"""


def create(owner: psycopg.Connection, *, leads: int, signals: int, now: datetime) -> User:
    """Fill an empty database and put the reference model live; gives a rep who works one of the teams."""
    teams = Team.objects.bulk_create([Team(name=f"Team {n}", is_default=n == 0) for n in range(TEAMS)])
    reps = _reps(teams, now)
    values: dict[str, object] = {
        **{"leads": leads, "signals": signals, "days": DAYS},
        **{"accounts": max(leads // LEADS_AN_ACCOUNT, 1), "teams": [team.pk for team in teams]},
        **{"sizes": [size for size, _ in words.SIZES], "industries": [name for name, _ in words.INDUSTRIES]},
        **{"ranks": [rank.replace("{}", "%s") for rank, _, _ in words.RANKS], "areas": list(words.AREAS)},
        **{"regions": list(REGIONS), "types": _type_ids(owner)},
        **{"reps": [rep.pk for rep in reps], "reps_a_team": REPS_A_TEAM, "outcomes": NUMBER_OF_OUTCOMES},
    }
    owner.execute("SELECT setseed(%s)", [SEED])
    for statement in (
        ACCOUNTS,
        LEADS,
        WORDS,
        KNOWN_LEADS,
        KNOWN_ACCOUNTS,
        SIGNALS,
        OUTCOMES,
        OVERRIDES,
        CLAIMS,
        SNOOZED,
    ):
        owner.execute(statement, values)
    # The words of a lead are written after its row; leave no dead rows behind.
    owner.execute("VACUUM (FULL) leads_lead")
    owner.execute("VACUUM (ANALYZE)")
    versions.put_live(versions.filled_reference(), at=now)
    return reps[0]


def _reps(teams: Sequence[Team], now: datetime) -> list[User]:
    """The reps, those of the first team, of the second and so on in turn."""
    return [
        invite(
            email=f"rep{n}@bench.invalid", name=f"Rep {n}", roles=[Role.REP], teams=[teams[n % len(teams)]],
            actor=User.objects.system(), at=now,
        )
        for n in range(len(teams) * REPS_A_TEAM)
    ]  # fmt: skip


def _type_ids(owner: psycopg.Connection) -> list[int]:
    """Type ids, each as often as its part of the mix says, in tenths."""
    ids: dict[str, int] = dict(owner.execute("SELECT key, id FROM leads_signaltype").fetchall())
    return [ids[key] for key, parts in MIX.items() for _ in range(round(parts * 10))]
