"""Rule health: what is worth a second look in a version before anybody trusts it.

`report` looks, `findings` is what it found (plain data), `selection` finds the leads behind a finding.
"""
