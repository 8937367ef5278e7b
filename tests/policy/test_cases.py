from bootstrapper.policy.cases import run_cases
from bootstrapper.policy.file import parse

POLICY = """
[groups]
ops = ["user:alice"]

[[rule]]
name = "deploy"
verdict = "allow"
groups = ["ops"]
envs = ["prod"]
windows = [{ days = ["mon"], from = "09:00", to = "17:00" }]

[[case]]
ask = { actor = "user:alice", action = "apply-roles", env = "prod", at = "2026-01-05T10:00:00Z" }
expect = "allow"
rule = "deploy"

[[case]]
ask = { actor = "user:alice", action = "apply-roles", env = "prod", at = 2026-01-06T10:00:00Z }
expect = "deny"
rule = ""

[[case]]
ask = { actor = "user:alice", action = "apply-roles", env = "prod" }
expect = "deny"

[[case]]
ask = { actor = "user:bob", action = "apply-roles", env = "prod", groups = ["ops"], via = "cli" }
expect = "allow"
rule = ""
"""


def test_each_case_is_held_against_the_verdict() -> None:
    results = run_cases(parse(POLICY))

    assert [result.passed for result in results] == [True, True, False, False]
    assert results[0].text == "user:alice apply-roles in prod at Mon 10:00 UTC: allow"
    assert results[2].text == (
        "user:alice apply-roles in prod at Mon 12:00 UTC: "
        "expected deny, but allow: rule 'deploy' allows it"
    )
    assert "expected allow by no rule, but allow" in results[3].text
