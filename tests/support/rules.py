"""The policy that the tests' control plane runs under, and the actors that it knows.

A test that is about a rule acts as the actor whom that rule is about, so that one control plane
serves all tests.
"""

from bootstrapper.policy.passwords import hash_password

_RULES = """
[groups]
approvers = ["token:first", "token:second", "user:alice"]

[users.alice]
password = "{alice}"

[networks]
here = ["127.0.0.0/8"]

[[rule]]
name = "owner"
verdict = "allow"
actors = ["system:owner", "user:alice"]
patterns = true
connection_vars = ["*"]
during_freeze = true

[[rule]]
name = "network"
verdict = "allow"
actors = ["network:here"]
actions = ["apply-roles", "jobs.list", "jobs.read"]

[[rule]]
name = "asker"
verdict = "approve"
actors = ["token:asker"]
actions = ["apply-roles"]
approvals = { count = 2, group = "approvers", expires = "1h" }

[[rule]]
name = "hasty"
verdict = "approve"
actors = ["token:hasty"]
actions = ["apply-roles"]
approvals = { count = 1, group = "approvers", expires = "1s" }

[[rule]]
name = "sparing"
verdict = "approve"
actors = ["token:sparing"]
actions = ["apply-roles"]
budget = "1/hour"
approvals = { count = 1, group = "approvers", expires = "1h" }

[[rule]]
name = "not-the-database"
verdict = "deny"
actors = ["token:wary"]
hosts = ["127.77.0.4"]

[[rule]]
name = "wary"
verdict = "allow"
actors = ["token:wary"]
actions = ["run-module"]

[[rule]]
name = "looks"
verdict = "allow"
actors = ["token:asker", "token:hasty", "token:reader", "token:plain", "token:careful"]
risks = ["read"]

[[rule]]
name = "approves"
verdict = "allow"
groups = ["approvers"]
risks = ["read"]

[[rule]]
name = "careful"
verdict = "allow"
actors = ["token:careful"]
actions = ["apply-roles"]
canary = 1
serial = 2

[[rule]]
name = "plain"
verdict = "allow"
actors = ["token:plain"]
actions = ["apply-roles", "run-module", "run-playbook", "update-code", "jobs.cancel"]

[[rule]]
name = "lister"
verdict = "allow"
actors = ["token:lister"]
actions = ["jobs.list"]

[[rule]]
name = "fuzzer"
verdict = "allow"
actors = ["token:fuzzer"]
risks = ["read"]

[[rule]]
name = "frugal"
verdict = "allow"
actors = ["token:frugal", "token:thrifty"]
budget = "3/hour"
"""

PASSWORD = "correct horse"  # alice's


def policy() -> str:
    return _RULES.replace("{alice}", hash_password(PASSWORD))
