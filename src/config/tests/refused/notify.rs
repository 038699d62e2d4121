//! What is refused of who is told something, and of Slack.

/// A file of `testdata` and the one fault that is found in it.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "notify_name_twice",
        "line 3: notify[1].name: 'ops' is the name on line 2 already; names must differ, change one",
    ),
    (
        "notify_no_topic",
        "line 2: notify[0].on: must not be empty; write some of firing, resolved, approval, remediation",
    ),
    (
        "notify_secret_inline",
        "line 2: notify[0].secret: must not stand in the file; put it in a file of its own and name that with secret_file, or in an environment variable and name that with secret_env",
    ),
    (
        "notify_slack_url_inline",
        "line 2: notify[0].slack_webhook_url: must not stand in the file; put it in a file of its own and name that with slack_webhook_url_file, or in an environment variable and name that with slack_webhook_url_env",
    ),
    (
        "notify_topic",
        "line 2: notify[0].on[0]: 'alerts' is not one of firing, resolved, approval, remediation",
    ),
    (
        "notify_two_addresses",
        "line 2: notify[0].url: is one of several addresses; keep one of url, url_file and slack_webhook_url_file",
    ),
    ("notify_url_with_token", "line 2: notify[0].url: must end with its path; remove what follows ? or #"),
    (
        "notify_without_url",
        "line 2: notify[0].url: is required; write where messages go; an address that holds a token goes into a file of its own, named with url_file or slack_webhook_url_file",
    ),
    (
        "slack_approver_twice",
        "line 5: slack.approvers.U2: 'ann' is the name on line 4 already; names must differ, change one",
    ),
    (
        "slack_allowed_user",
        "line 3: slack.allowed_users[1]: is not the id of a user of Slack; write one such as U012AB3CD, which the user's profile shows",
    ),
    (
        "slack_approver_of_no_name",
        "line 3: slack.approvers.U1: must not be 'anonymous', which stands for nobody or for smartcloudops itself; choose another",
    ),
    (
        "slack_channel",
        "line 3: slack.allowed_channels[0]: is not the id of a channel of Slack; write one such as C012AB3CD, which the channel's details show",
    ),
    (
        "slack_nobody_allowed",
        "line 3: slack.allowed_users: must not be empty; write whom to let in, or leave it out to let in all",
    ),
    (
        "slack_team",
        "line 1: slack.team_id: is not the id of a workspace of Slack; write one such as T012AB3CD, which the workspace's address in a browser shows",
    ),
    (
        "slack_host",
        "line 1: slack.response_hosts[0]: is not a host; write its name alone, for example hooks.slack.com",
    ),
    (
        "slack_secret_inline",
        "line 1: slack.signing_secret: must not stand in the file; put it in a file of its own and name that with signing_secret_file, or in an environment variable and name that with signing_secret_env",
    ),
    (
        "slack_user",
        "line 3: slack.approvers.ann: is not the id of a user of Slack; write one such as U012AB3CD, which the user's profile shows",
    ),
    (
        "slack_without_secret",
        "line 1: slack.signing_secret_file: is required; name a file, or with signing_secret_env an environment variable, that holds it",
    ),
];
