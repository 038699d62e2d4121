"""Overview: what is wrong now, where, since when, and what it has cost of the budget of alarms."""

from board import board, choice, daemon, onsets, path, remediations
from panels import (
    FEW_ARE_BAD,
    NONE_IS_GOOD,
    bars,
    drawn_bars,
    lines,
    link,
    override,
    stacked,
    stat,
    table,
    values,
    with_line_at,
)

UID = "smartcloudops-overview"
S = '{query=~"$query",instance=~"$instance"}'
# An episode is under way; 3 is a new level, accepted as normal.
OPEN = f"(anomaly_state{S} >= 1 < 3)"
ROWS = 25
# Without the model, so that it merges with what has none.
SCORE = f"max without (model) (anomaly_score{S})"
WORST = f"topk({ROWS}, {SCORE} and {OPEN})"
SINCE = '1000 * max without (alertname, severity) (ALERTS_FOR_STATE{alertname="AnomalyDetected"})'
SEEN = "query:smartcloudops_false_alarm_budget_seen:increase7d"
ALLOWED = "query:smartcloudops_false_alarm_budget_expected:increase7d"
SPENT = [("green", None), ("orange", 1), ("red", 2)]


def variables():
    """Which series are looked at."""
    return [
        choice("query", "Query", "label_values(anomaly_score, query)", "The configured queries.", several=True),
        choice(
            "instance",
            "Instance",
            'label_values(anomaly_score{query=~"$query"}, instance)',
            "The instances of the watched series; All includes series without one.",
            several=True,
        ),
        *daemon(),
    ]


def now():
    """The first look."""
    paused = values(_0=("ready", "green"), _1=("paused", "orange"), _2=("storm", "red"), _3=("paused, storm", "red"))
    return [
        stat(
            "Anomalous series",
            "Series whose episode is under way. All of them are in the table below, the highest score first.",
            f"count{OPEN} or vector(0)",
            steps=FEW_ARE_BAD,
        ),
        stat(
            "Highest score",
            "1 is the alarm line, for every series and every model.",
            f"max(anomaly_score{S})",
            steps=NONE_IS_GOOD,
        ).decimals(2),
        stat("Series watched", "Series with a score.", f"count(anomaly_state{S})"),
        stat(
            "Still learning",
            "Series that have shown too little for a band yet: nothing about them is reported.",
            f"count(anomaly_expected_upper{S} == +Inf and anomaly_expected_lower{S} == -Inf) or vector(0)",
        ),
        stat(
            "Alerts firing",
            "Alerts that Alertmanager has told the daemon of and that are not resolved.",
            "max(smartcloudops_remediation_episodes_firing)",
            steps=FEW_ARE_BAD,
        ),
        stat(
            "Waiting for approval",
            "Plans that nothing is done about until a person answers. The dashboard Remediation has more.",
            "max(smartcloudops_remediation_approvals_pending)",
            steps=[("green", None), ("orange", 1)],
        ),
        stat(
            "Remediation",
            "Paused: the stop switch is on. Storm: so many alerts began at once that nothing is done.",
            "max(smartcloudops_remediation_paused) + 2 * max(smartcloudops_remediation_storm)",
            mappings=paused,
        ),
        stat(
            "Oldest score",
            "Since the last evaluation of the query that waits longest. Far above scoring.interval, the scores are stale.",
            'time() - min(smartcloudops_scoring_last_success_timestamp_seconds{query=~"$query"} > 0)',
            unit="s",
            steps=[("green", None), ("orange", 180), ("red", 600)],
        ).decimals(0),
    ]


def anomalous():
    """The table of what is anomalous, worst first."""
    columns = {
        "Value #A": "Score",
        "Value #B": "State",
        "Value #C": "Since",
        "query": "Query",
        "instance": "Instance",
        "Value #D": "Value",
        "Value #E": "Expected",
        "Value #F": "Band from",
        "Value #G": "Band to",
        "job": "Job",
    }
    # Without their names and models, so that the rows of one series become one.
    edges = [
        f"max without (model) (anomaly_{name}{S}{finite}) and {WORST}"
        for name, finite in [("value", ""), ("expected", ""), ("expected_lower", " > -Inf"), ("expected_upper", " < +Inf")]
    ]
    queries = [WORST, f"(anomaly_state{S} and {WORST}) + 0", f"{SINCE} and {WORST}", *edges]
    panel = table(
        "What is anomalous now",
        f"The {ROWS} series with the highest scores of those in an episode. The band's edges are where the score is 1. "
        "Since when: of the alert AnomalyDetected. A query leads to its series, an instance to its host.",
        [(query, "__auto") for query in queries],
        columns,
        size=(24, 12),
        sort="Score",
    )
    cell = {"type": "color-background", "mode": "basic"}
    # An episode outlasts moments in which the score is low.
    steps = [{"color": "transparent", "value": None}, {"color": "red", "value": 1}]
    red = {"mode": "absolute", "steps": steps}
    override(panel, "Score", decimals=2, thresholds=red, custom__cellOptions=cell, custom__width=90)
    states = [
        {
            "type": "value",
            "options": {
                "1": {"text": "anomalous", "color": "orange", "index": 0},
                "2": {"text": "sustained", "color": "red", "index": 1},
            },
        }
    ]
    override(panel, "State", mappings=states, custom__width=110, custom__cellOptions={"type": "color-text"})
    override(panel, "Since", unit="dateTimeFromNow", custom__width=140)
    to_series = path(
        "smartcloudops-series", query="${__data.fields.Query}", instance="${__data.fields.Instance}"
    )
    override(panel, "Query", links=[link("Show the series", to_series)], custom__minWidth=150)
    to_host = path("smartcloudops-host", instance="${__data.fields.Instance}")
    override(panel, "Instance", links=[link("Show the host", to_host)], custom__minWidth=150)
    for name in ["Value", "Expected", "Band from", "Band to"]:
        override(panel, name, custom__width=110, decimals=3)
    return [panel]


def places():
    """The same, counted."""
    panels = []
    for name, label in [("by query", "query"), ("by host", "instance"), ("by service", "job")]:
        selector = f'{{query=~"$query",instance=~"$instance",{label}!=""}}'
        counted = f"count by ({label}) (anomaly_state{selector} >= 1 < 3)"
        panel = bars(
            f"Anomalous {name}",
            f"Series in an episode, counted {name}: the ten with the most.",
            (f"sort_desc(topk(10, {counted}))", "{{" + label + "}}"),
            steps=[("orange", None), ("red", 10)],
            text="Nothing is anomalous",
        )
        panels.append(panel)
    return panels


def course():
    """How it came to this."""
    per_query = 'sum by (query) (smartcloudops_scoring_anomalies{query=~"$query"})'
    most = 'sum by (query) (max_over_time(smartcloudops_scoring_anomalies{query=~"$query"}[$__range] @ end()))'
    pair = f"max by (query, instance) (anomaly_score{S})"
    peak = f"max by (query, instance) (max_over_time(anomaly_score{S}[$__range] @ end()))"
    return [
        stacked(
            lines(
                "Anomalous series by query",
                "The eight queries with the most anomalous series in the time range, of all instances.",
                (f"{per_query} and topk(8, {most})", "{{query}}"),
                size=(12, 9),
                names="table",
            )
        ),
        with_line_at(
            lines(
                "Highest scores",
                "Of each query and instance the highest score; the eight that were highest in the time range. "
                "1 is the alarm line.",
                (f"{pair} and topk(8, {peak})", "{{query}} {{instance}}"),
                size=(12, 9),
                names="table",
                fill=0,
            ).axis_soft_max(1.2),
            1,
        ),
    ]


def budget():
    """What the alarms cost."""
    return [
        bars(
            "Budget used in 7 days",
            "Alarms that came, for each that false_alarms allows, or in all while that is less than one; real incidents count "
            "as well. The ten queries with the most.",
            (f'sort_desc(topk(10, {SEEN}{{query=~"$query"}} / clamp_min({ALLOWED}{{query=~"$query"}}, 1)))', "{{query}}"),
            unit="percentunit",
            steps=SPENT,
            size=(8, 8),
            text="No alarms",
        ),
        lines(
            "Alarms of 7 days, seen and allowed",
            "Over the chosen queries. Above what is allowed, the line is too low, or much goes wrong.",
            [
                (f'sum({SEEN}{{query=~"$query"}})', "seen"),
                (f'sum({ALLOWED}{{query=~"$query"}})', "allowed"),
            ],
            size=(8, 8),
        ),
        bars(
            "Members of unusual groups",
            "Of groups that are scored as a whole and were unusual in the time range: the members that the score was made "
            "of, by their largest share.",
            (f"sort_desc(topk(10, max_over_time(anomaly_contribution{S}[$__range])))", "{{query}} {{instance}}: {{feature}}"),
            unit="percentunit",
            size=(8, 8),
            text="No group is unusual",
        ).max(1),
    ]


def alerts():
    """What fires, and what was done."""
    firing = 'count by (alertname, severity) (ALERTS{alertstate="firing",alertname!="Watchdog"})'
    since = (
        "1000 * min by (alertname, severity) (ALERTS_FOR_STATE{alertname!=\"Watchdog\"}) and on (alertname, severity) "
    )
    panel = table(
        "Alerts that fire",
        f"By name, the {ROWS} with the most; since when: the oldest of each, for which it may have been pending first.",
        [(f"topk({ROWS}, {firing})", "__auto"), (f"{since}topk({ROWS}, {firing})", "__auto")],
        {"alertname": "Alert", "severity": "Severity", "Value #A": "Firing", "Value #B": "Since"},
        size=(12, 8),
        sort="Firing",
    )
    override(panel, "Firing", custom__width=90)
    override(panel, "Since", unit="dateTimeFromNow", custom__width=160)
    ran = "sum by (policy, outcome) (increase(smartcloudops_remediation_runs_total[$__rate_interval]))"
    any_at_all = "sum by (policy, outcome) (increase(smartcloudops_remediation_runs_total[$__range] @ end())) > 0"
    return [
        panel,
        drawn_bars(
            lines(
                "What was done",
                "Runs of policies as they ended, by outcome. The dashboard Remediation has the rest.",
                (f"{ran} and topk(12, {any_at_all})", "{{policy}}: {{outcome}}"),
                size=(12, 8),
                names="table",
            ).decimals(0)
        ),
    ]


def build():
    """The whole dashboard."""
    return board(
        UID,
        "What is anomalous now, by host, service and query, and what it has cost of the budget of alarms.",
        variables(),
        [onsets('{query=~"$query"}'), remediations()],
        [
            ("Now", now()),
            ("Where", anomalous() + places()),
            ("How it came to this", course()),
            ("Alerts and what was done", alerts()),
            ("Budget of alarms", budget()),
        ],
    )
