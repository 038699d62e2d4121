"""Tries the policies of terraform/permissions against moto, which refuses what IAM's policies do not allow.

    python tools/terraform/try_permissions.py

Each policy is given to a user, and the calls that the daemon makes, and some that it must not, are made with the
user's key. moto knows which bucket and object a call is about, and of EC2's and Auto Scaling's calls the action alone:
with no resource and no tag, it refuses what a policy narrows by either. So those calls are tried twice: as shipped,
where all must be refused for want of the tag, and with that narrowing taken away, where the daemon's own must be
allowed. Systems Manager it lets everybody use. That the conditions are right, and what documents may be run,
terraform/tests and check_policies.py say.
"""

import copy
import functools
import json
import os
import sys

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from render import render

REGION, ACCOUNT = "us-east-1", "123456789012"
MODELS, LOGS = "a-models", "a-logs"
REFUSALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
EVERYTHING = {"ec2": True, "autoscaling": True, "ssm_documents": ["AWS-RunShellScript"]}
BY_DEFAULT = {"ec2": True, "autoscaling": False, "ssm_documents": []}

INSTANCE = {"InstanceIds": ["i-0123456789abcdef0"]}
LOOKS = [
    ("ec2", "describe_instances", {}),
    ("ec2", "describe_instance_status", {}),
    ("ec2", "describe_instance_types", {"InstanceTypes": ["t3.micro"]}),
]
CHANGES = [
    ("ec2", "reboot_instances", INSTANCE),
    ("ec2", "stop_instances", INSTANCE),
    ("ec2", "start_instances", INSTANCE),
]
LOOKS_AT_GROUPS = [("autoscaling", "describe_auto_scaling_groups", {})]
CHANGES_GROUPS = [("autoscaling", "set_desired_capacity", {"AutoScalingGroupName": "web", "DesiredCapacity": 2})]
NEVER = [
    ("ec2", "terminate_instances", INSTANCE),
    ("ec2", "run_instances", {"ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1}),
    ("ec2", "create_tags", {"Resources": ["i-0"], "Tags": [{"Key": "smartcloudops:managed", "Value": "true"}]}),
    ("ec2", "authorize_security_group_ingress", {"GroupId": "sg-0"}),
    ("autoscaling", "terminate_instance_in_auto_scaling_group", {"InstanceId": "i-0", "ShouldDecrementDesiredCapacity": True}),
    ("iam", "put_user_policy", {"UserName": "a", "PolicyName": "b", "PolicyDocument": "{}"}),
    ("sts", "assume_role", {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/admin", "RoleSessionName": "somebody"}),
    ("s3", "list_buckets", {}),
    ("s3", "delete_bucket", {"Bucket": MODELS}),
]


def objects(bucket, key, *calls):
    """Calls on one object."""
    bodies = {"put_object": {"Body": b"x"}}
    return [("s3", f"{call}_object", {"Bucket": bucket, "Key": key, **bodies.get(f"{call}_object", {})}) for call in calls]


DAEMONS_OBJECTS = (
    objects(MODELS, "models/manifest.json", "put", "get", "delete")
    + objects(LOGS, "journal/2026-11.jsonl", "put", "get")
    + objects(MODELS, "install/monitoring/install.sh", "get")
    + [("s3", "list_objects_v2", {"Bucket": MODELS})]
)
OTHER_OBJECTS = (
    objects(MODELS, "install/monitoring/install.sh", "put", "delete")
    + objects(MODELS, "install/application/install.sh", "get")
    + objects(LOGS, "journal/2026-11.jsonl", "delete")
    + objects(LOGS, "flow/a", "get", "put")
    + objects("another", "models/manifest.json", "get")
)
APPLICATIONS_OBJECTS = objects(MODELS, "install/application/install.sh", "get")
NOT_THE_APPLICATIONS = (
    objects(MODELS, "install/application/install.sh", "put")
    + objects(MODELS, "install/monitoring/install.sh", "get")
    + objects(MODELS, "models/manifest.json", "get")
    + objects(LOGS, "journal/2026-11.jsonl", "get", "put")
)


def policies(daemon_may):
    """The policies as Terraform makes them."""
    given = {"partition": "aws", "region": REGION, "account_id": ACCOUNT, "models_bucket": MODELS, "logs_bucket": LOGS}
    rendered = render("permissions", given | {"daemon_may": daemon_may})["policies"]
    return {name: json.loads(policy) for name, policy in rendered.items()}


def without_narrowing(policy):
    """The policy as moto can judge it: S3's statements as they are, of the others the actions alone."""
    wide = copy.deepcopy(policy)
    for statement in wide["Statement"]:
        action = statement["Action"]
        if not (action if isinstance(action, str) else action[0]).startswith("s3:"):
            statement["Resource"] = "*"
            statement.pop("Condition", None)
    return wide


def made():
    """The buckets and what is in them."""
    s3 = boto3.client("s3", REGION)
    for bucket in (MODELS, LOGS, "another"):
        s3.create_bucket(Bucket=bucket)
        for key in ("models/manifest.json", "install/monitoring/install.sh", "install/application/install.sh", "journal/2026-11.jsonl", "flow/a"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")


def key_of(policy):
    """The key of a user who has this policy and no other."""
    iam = boto3.client("iam", REGION)
    iam.create_user(UserName="host")
    iam.put_user_policy(UserName="host", PolicyName="host", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="host")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


@functools.cache
def client(service, key):
    """A client with this key; making one takes longer than its calls."""
    return boto3.client(service, REGION, aws_access_key_id=key[0], aws_secret_access_key=key[1])


def refused(key, call):
    """Whether a call is refused for want of leave; whatever else is wrong with it comes after that."""
    service, method, arguments = call
    try:
        getattr(client(service, key), method)(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSALS
    except KeyError:
        # moto's own, about a group that does not exist.
        return False
    return False


@set_initial_no_auth_action_count(0)
def misjudged(key, calls, expected):
    """The calls that are not refused, or are, as they should be."""
    return [call for call in calls if refused(key, call) != expected]


@mock_aws
def faults(what, policy, allowed, forbidden):
    """A sentence for each call that is judged otherwise than it should be."""
    made()
    key = key_of(policy)
    wrong = [("refused", call) for call in misjudged(key, allowed, False)]
    wrong += [("allowed", call) for call in misjudged(key, forbidden, True)]
    return [f"{what}: {service} {method} {arguments} is {how}" for how, (service, method, arguments) in wrong]


def main():
    """Prints what was tried; exit code 1 with a line for each fault."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "setup", "AWS_SECRET_ACCESS_KEY": "setup", "AWS_DEFAULT_REGION": REGION}
    everything, default = policies(EVERYTHING), policies(BY_DEFAULT)
    changes = CHANGES + CHANGES_GROUPS
    trials = [
        ("as shipped", default["monitoring"], LOOKS + DAEMONS_OBJECTS, changes + LOOKS_AT_GROUPS + NEVER + OTHER_OBJECTS),
        ("by default", without_narrowing(default["monitoring"]), LOOKS + CHANGES, CHANGES_GROUPS + NEVER),
        ("with all", without_narrowing(everything["monitoring"]), LOOKS + changes + LOOKS_AT_GROUPS, NEVER),
        ("application", default["application"], APPLICATIONS_OBJECTS, LOOKS + changes + NEVER + NOT_THE_APPLICATIONS),
        ("agent", without_narrowing(default["agent"]), [], LOOKS + changes + NEVER + DAEMONS_OBJECTS),
    ]
    found = [fault for trial in trials for fault in faults(*trial)]
    print("\n".join(found) or f"{sum(len(allowed) + len(forbidden) for _, _, allowed, forbidden in trials)} calls judged as they should be")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
