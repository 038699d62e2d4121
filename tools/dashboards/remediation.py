"""Remediation: what was decided, done and proved, what was refused and why, and what waits for a person."""

from board import board, choice, daemon, remediations
from panels import (
    by_outcome,
    FEW_ARE_BAD,
    NONE_IS_GOOD,
    bars,
    color,
    drawn_bars,
    lines,
    named,
    override,
    stat,
    steps_of,
    table,
    values,
)

UID = "smartcloudops-remediation"
P = 'policy=~"$policy"'
DECISIONS = "smartcloudops_remediation_decisions_total"
RUNS = "smartcloudops_remediation_runs_total"
# What a replica that does not lead says of runs and policies is old.
LEADS = "and on (job, instance) smartcloudops_remediation_leading == 1"
CLASSIC = 'alertname=~"DiskFilling|HighCpu|HostUnreachable|LowUse|MemoryLeak|ServiceDown"'
# The reasons of src/model/reason.rs by what a person would do about them.
KINDS = {
    "a person must answer, or did": "approval_pending|approval_rejected|approval_expired",
    "budget or cooldown": "cooldown|target_budget|policy_budget|fleet_budget|breaker_open",
    "others at work, too few left": "target_busy|too_many_in_flight|blast_radius|last_healthy|group_unknown|already_run",
    "alert not confirmed": "too_young|silenced|inhibited|resolved|not_in_alertmanager|not_in_prometheus"
    "|alertmanager_unreachable|prometheus_unreachable",
    "evidence or condition": "evidence_broken|condition_false|condition_unknown",
    "target or template refused": "target_missing|target_refused|target_protected|template_refused|lookup_failed",
    "nothing is done now": "paused|starting|maintenance|storm|journal_unavailable|shutting_down",
    "in the shadow": "shadow",
}
BAD = "failed|not_started|no_effect|worse|did_not_last|unproven|unknown|aborted"
LEVELS = {"_0": ("shadow", "text"), "_1": ("ask", "blue"), "_2": ("act", "green")}


def variables():
    """Which policies."""
    which = choice(
        "policy", "Policy", f"label_values({RUNS}, policy)", "The policies of the configuration.", several=True
    )
    return [which, *daemon()]


def now():
    """The first look."""
    on = values(_0=("off", "green"), _1=("on", "red"))
    sum_of = f"sum(increase({RUNS}{{{P},outcome"
    return [
        named(stat("Leads", "The replica that decides and acts.", ("max by (instance) (smartcloudops_remediation_leading) == 1",
             "{{instance}}"), text="nobody")),
        stat("Stop switch", "While it is on nothing is done.", "max(smartcloudops_remediation_paused)", mappings=on),
        stat("Storm", "So many alerts began at once that the cause is shared: nothing is done.",
             "max(smartcloudops_remediation_storm)", mappings=on),
        stat("Alerts firing", "That Alertmanager has told of and that are not resolved.",
             "max(smartcloudops_remediation_episodes_firing)", steps=FEW_ARE_BAD),
        stat("Runs in flight", "Begun, and neither proved nor failed yet.",
             f"sum(smartcloudops_remediation_runs_in_flight {LEADS})"),
        stat("Waiting for approval", "GET /api/v1/approvals lists them; requests expire.",
             f"sum(smartcloudops_remediation_approvals_pending {LEADS})", steps=[("green", None), ("orange", 1)]),
        stat("Helped", "Runs of the time range that helped, and went on doing so, of those whose effect is known or that failed.",
             f'clamp_min({sum_of}="helped"}}[$__range])) - {sum_of}="did_not_last"}}[$__range])), 0)'
             f' / ({sum_of}!~"did_not_last|unproven|unknown"}}[$__range])) > 0)',
             "percentunit", [("red", None), ("orange", 0.5), ("green", 0.8)], text="no runs").decimals(0),
        stat("Ended badly", "Runs of the time range that did not help, did harm, or whose outcome nobody knows.",
             f'round({sum_of}=~"{BAD}"}}[$__range])))', steps=NONE_IS_GOOD).decimals(0),
    ]


def policies():
    """Each policy: what it may, how well it does, what it did."""
    level = "max by (policy) (smartcloudops_remediation_autonomy{%s,level=\"%s\"} " + LEADS + ")"
    earned = f"{level % (P, 'ask')} + 2 * {level % (P, 'act')} or max by (policy) (0 * {RUNS}{{{P}}}) - 1"
    ratio = "max by (policy) (smartcloudops_remediation_success_ratio%s{%s} " + LEADS + ")"
    counted = "round(sum by (policy) (increase(%s{%s,%s}[$__range])))"
    queries = [
        earned,
        *[ratio % (end, P) for end in ["", "_lower", "_upper"]],
        counted % (RUNS, P, 'outcome!="did_not_last"'),
        counted % (DECISIONS, P + ',policy!=""', 'decision!="act"'),
    ]
    panel = table(
        "Policies",
        "What each policy has earned (a mode of its own if it is not in the mode earned), how often its runs of the last "
        "31 days helped with the bounds of that at 90 %, and its runs and refusals in the time range. The 30 with the most runs.",
        [(f"({query}) and on (policy) topk(30, {queries[4]})", "__auto") for query in queries],
        {
            "policy": "Policy",
            "Value #A": "Level",
            "Value #B": "Helps",
            "Value #C": "at least",
            "Value #D": "at most",
            "Value #E": "Runs",
            "Value #F": "Refusals",
        },
        size=(12, 9),
        sort="Runs",
    )
    texts = {"-1": "as configured", "0": "shadow", "1": "ask", "2": "act"}
    mapped = [{"type": "value", "options": {key: {"text": text, "index": i} for i, (key, text) in enumerate(texts.items())}}]
    override(panel, "Policy", custom__minWidth=140)
    override(panel, "Level", mappings=mapped, custom__width=115)
    for name in ["Helps", "at least", "at most"]:
        override(panel, name, unit="percentunit", decimals=0, custom__width=80)
    override(panel, "Runs", decimals=0, custom__width=70)
    override(panel, "Refusals", decimals=0, custom__width=85)
    held = f'round(sum by (policy, decision) (increase({DECISIONS}{{{P},policy!="",decision!="act"}}[$__range])))'
    why = table(
        "What held policies back",
        "Refusals of the time range by policy and reason: the 30 most frequent. /explain says what would have to change.",
        f"topk(30, {held} > 0)",
        {"policy": "Policy", "decision": "Reason", "Value #A": "Times"},
        size=(12, 9),
        sort="Times",
    )
    override(why, "Times", decimals=0, custom__width=90)
    return [panel, why]


def decisions():
    """What was decided, and why not."""
    acted = f'60 * sum(rate({DECISIONS}{{{P},decision="act"}}[$__rate_interval]))'
    refused = f'60 * sum(rate({DECISIONS}{{{P},policy!="",decision!="act"}}[$__rate_interval]))'
    return [
        bars("Decisions in the time range", "act, or the reason why nothing was done: the twelve most frequent.",
             (f"sort_desc(topk(12, round(sum by (decision) (increase({DECISIONS}{{{P}}}[$__range]))) > 0))", "{{decision}}"),
             size=(8, 9), text="no decisions"),
        lines("Decisions", "A minute: plans that were carried out, and refusals.",
              [(acted, "act"), (refused, "refused")], "opm", (8, 9)),
        lines("Refusals by what they are about", "A minute.",
              [(f'60 * sum(rate({DECISIONS}{{{P},policy!="",decision=~"{reasons}"}}[$__rate_interval])) > 0 or vector(0)', kind)
               for kind, reasons in KINDS.items()], "opm", (8, 9)),
    ]


def runs():
    """What was done, and whether it helped."""
    ended = f"sum by (outcome) (increase({RUNS}{{{P}}}[$__rate_interval]))"
    any_at_all = f"sum by (outcome) (increase({RUNS}{{{P}}}[$__range] @ end())) > 0"
    took = "histogram_quantile(%s, sum by (le) (rate(smartcloudops_remediation_run_duration_seconds_bucket[$__rate_interval])))"
    ratio = f"max by (policy) (smartcloudops_remediation_success_ratio{{{P}}} {LEADS})"
    actions = "sum by (action, outcome) (increase(smartcloudops_remediation_actions_total[$__range]))"
    outcomes = by_outcome(drawn_bars(
        lines("Ends of runs", "By outcome. Only helped, and not taken back as did_not_last, has solved an incident.",
              (f"{ended} and {any_at_all}", "{{outcome}}"), size=(12, 8))
    )).decimals(0)
    return [
        outcomes,
        lines("Share of runs that help", "Of the last 31 days, by policy: the eight with the least.",
              (f"bottomk(8, {ratio})", "{{policy}}"), "percentunit", (12, 8), names="table", fill=0).max(1),
        bars("Actions in the time range", "By kind and outcome; unknown: it may have been done or not, and is proved, not repeated.",
             (f"sort_desc(topk(12, round({actions}) > 0))", "{{action}} {{outcome}}"), size=(8, 8), text="no actions"),
        lines("Time of a run", "From its intent to its proof.",
              [(took % 0.5, "half of them"), (took % 0.99, "99 %")], "s"),
        steps_of(
            lines("Waiting", "Requests for approval, runs in flight, and alerts that fire.",
                  [(f"sum(smartcloudops_remediation_approvals_pending {LEADS})", "approvals"),
                   (f"sum(smartcloudops_remediation_runs_in_flight {LEADS})", "runs"),
                   ("max(smartcloudops_remediation_episodes_firing)", "alerts")])
        ).decimals(0),
    ]


def approvals():
    """What people were asked."""
    said = {"approval_pending": "asked for", "approval_rejected": "rejected", "approval_expired": "expired"}
    times = "round(sum(increase(%s{%s,decision=\"%s\"}[$__range])))"
    levels = "max by (policy) (smartcloudops_remediation_autonomy{%s,level=\"%s\"} " + LEADS + ")"
    switches = [
        ("max(smartcloudops_remediation_paused)", "stop switch"),
        ("max(smartcloudops_remediation_storm)", "storm"),
        ("max(smartcloudops_remediation_leading)", "somebody leads"),
    ]
    compared = "60 * sum by (source, outcome) (rate(smartcloudops_remediation_reconciliations_total[$__rate_interval]))"
    return [
        bars("Approvals in the time range", "Decisions that waited for a person, or were ended by one.",
             [(times % (DECISIONS, P, reason), text) for reason, text in said.items()], size=(6, 8)),
        steps_of(
            lines("Earned level", "Of policies in the mode earned: the eight that have earned the most.",
                  (f"topk(8, {levels % (P, 'ask')} + 2 * {levels % (P, 'act')})", "{{policy}}"), size=(6, 8), fill=0)
        ).mappings(values(**LEVELS)).max(2).decimals(0),
        steps_of(lines("Switches", "What holds everything, and whether somebody leads.", switches, "bool_on_off", (6, 8)))
        .max(1),
        lines("Comparisons with lists of alerts", "A minute: with Alertmanager's and with Prometheus's.",
              (compared, "{{source}} {{outcome}}"), "opm", (6, 8)),
    ]


def classic():
    """The cases that rules/remediation.yml and the shipped policies are about."""
    known = f"max_over_time(ALERTS{{{CLASSIC}}}[$__range])"
    state = (
        f'max by (alertname, instance, mountpoint, severity) (2 * ALERTS{{{CLASSIC},alertstate="firing"}} '
        f'or ALERTS{{{CLASSIC},alertstate="pending"}} or 0 * {known})'
    )
    since = f"1000 * max by (alertname, instance, mountpoint, severity) (max_over_time(ALERTS_FOR_STATE{{{CLASSIC}}}[$__range]))"
    shown = f"and on (alertname, instance, mountpoint, severity) topk(25, {state})"
    panel = table(
        "Alerts of the classic cases",
        "Of rules/remediation.yml: those of the time range, those that fire first; at most 25.",
        [(f"{state} {shown}", "__auto"), (f"{since} {shown}", "__auto")],
        {"alertname": "Alert", "instance": "Instance", "mountpoint": "Mount point", "severity": "Severity",
         "Value #A": "State", "Value #B": "Since"},
        size=(12, 8),
        sort="State",
    )
    texts = {"0": ("over", "green"), "1": ("pending", "orange"), "2": ("fires", "red")}
    mapped = [{"type": "value", "options": {
        key: {"text": text, "color": tint, "index": int(key)} for key, (text, tint) in texts.items()}}]
    widths = {"Alert": 150, "Instance": 150, "Mount point": 120, "Severity": 90}
    for name, width in widths.items():
        override(panel, name, custom__width=width)
    override(panel, "State", mappings=mapped, custom__cellOptions={"type": "color-text"}, custom__width=90)
    override(panel, "Since", unit="dateTimeFromNow", custom__width=140)
    firing = f'count by (alertname) (ALERTS{{{CLASSIC},alertstate="firing"}})'
    return [
        panel,
        steps_of(
            lines("Classic cases firing", "Alerts that fire, by name.",
                  (f"{firing} or 0 * count by (alertname) (max_over_time(ALERTS{{{CLASSIC}}}[$__range] @ end()))",
                   "{{alertname}}"), size=(12, 8))
        ).decimals(0),
    ]


def one_policy():
    """A policy by itself, among however many: what there is of it from the start, so that no row is empty."""
    counted = f"round(sum by (decision) (increase({DECISIONS}{{{P}}}[$__range])))"
    decided = f'60 * sum(rate({DECISIONS}{{{P},decision%s"act"}}[$__rate_interval]))'
    ended = f'sum(increase({RUNS}{{{P},outcome%s}}[$__rate_interval]))'
    ends = drawn_bars(
        lines("Ends of its runs", "Those that helped, and those that did not, did harm, or whose outcome nobody knows.",
              [(ended % '="helped"', "helped"), (ended % f'=~"{BAD}"', "ended badly")])
    ).decimals(0)
    override(ends, "helped", color=color("green"))
    override(ends, "ended badly", color=color("red"))
    return [
        bars("Its decisions in the time range", "act, or the reason why nothing was done: the eight most frequent.",
             (f"sort_desc(topk(8, {counted} > 0))", "{{decision}}"), size=(8, 8), text="no decisions"),
        lines("Its decisions", "A minute: plans that were carried out, and refusals.",
              [(decided % "=", "act"), (decided % "!=", "refused")], "opm"),
        ends,
    ]


def build():
    """The whole dashboard."""
    return board(
        UID,
        "What was decided about alerts, what was done, what proved its effect, what was refused, and what waits for a person.",
        variables(),
        [remediations(f"{{{P}}}")],
        [
            ("Now", now()),
            ("Policies", policies()),
            ("Decisions and refusals", decisions()),
            ("Runs and their effect", runs()),
            ("People and switches", approvals()),
            ("Classic cases", classic()),
            ("Policy $policy", one_policy(), "policy"),
        ],
        since="now-24h",
    )
