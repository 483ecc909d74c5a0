"""The pages of leads: functions that check who asks, call a verb or a query, and answer."""
