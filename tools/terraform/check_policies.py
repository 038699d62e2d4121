"""Holds the policies of terraform/permissions against what AWS says of its actions: which resources each knows, and
which conditions.

    python tools/terraform/check_policies.py
"""

import sys

from parliament import analyze_policy_string

from render import render

GIVEN = {
    "partition": "aws",
    "region": "us-east-1",
    "account_id": "123456789012",
    "models_bucket": "a-models",
    "logs_bucket": "a-logs",
    "daemon_may": {"ec2": True, "autoscaling": True, "ssm_documents": ["AWS-RunShellScript", "Ours-Restart"]},
}
# A command needs leave for its document and for its instance, each with a statement of its own, as AWS documents it:
# only the second can have a condition on the instance's tag.
EXPECTED = ("RESOURCE_MISMATCH", "ssm:SendCommand")


def faults(policy):
    """What is wrong with a policy, but for what is expected."""
    for finding in analyze_policy_string(policy).findings:
        if (finding.issue, *(one.get("action") for one in finding.detail if isinstance(one, dict))) != EXPECTED:
            yield f"{finding.issue}: {finding.detail}"


def main():
    """Prints each finding; exit code 1 if there is one."""
    rendered = render("permissions", GIVEN)["policies"]
    found = [f"{name}: {fault}" for name, policy in rendered.items() for fault in faults(policy)]
    print("\n".join(found) or f"{len(rendered)} policies say what AWS understands")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
