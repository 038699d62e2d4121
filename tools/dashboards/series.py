"""Series: one series in full, its query, and its like elsewhere."""

from bands import over_band
from board import board, choice, daemon, onsets, path, remediations
from panels import BLUE, NONE_IS_GOOD, bars, by_outcome, lines, link, override, stat, steps_of, table, up_to_one, values, with_line_at

UID = "smartcloudops-series"
Q = '{query="$query"}'
S = '{query="$query",instance=~"$instance"}'
# The one series, by all of its labels.
ONE = "{${series:raw}}"
# What scores several series together has neither value nor band.
ALONE = '{query="$query",instance=~"$instance",model!~"isolation_forest|pca"}'
OFFERED = 200
SHOWN = 30
STATES = {
    "_0": ("normal", "green"),
    "_1": ("anomalous", "orange"),
    "_2": ("sustained", "red"),
    "_3": ("new level", "blue"),
}


def variables():
    """From a query to one series, the most anomalous first."""
    every = f"sort_desc(topk({OFFERED}, max without (model) (anomaly_score{ALONE})))"
    return [
        choice("query", "Query", 'label_values(anomaly_score{model!~"isolation_forest|pca"}, query)', "One query."),
        choice(
            "instance",
            "Instance",
            "label_values(anomaly_score{query=\"$query\"}, instance)",
            "Narrows what Series offers; All includes series without an instance.",
            several=True,
        ),
        choice(
            "series",
            "Series",
            f"query_result({every})",
            f"One series by all of its labels: the {OFFERED} with the highest scores, that one first.",
            regex="/\\{(.*)\\}/",
        ),
        *daemon(),
    ]


def now():
    """The series in numbers."""
    learning = values(_0=("learnt", "green"), _1=("learning", "blue"))
    infinite = f"(anomaly_expected_upper{ONE} == bool +Inf) * (anomaly_expected_lower{ONE} == bool -Inf)"
    width = (f"(anomaly_value{ONE} - anomaly_expected{ONE})")
    return [
        stat("Score", "1 is the alarm line.", f"max(anomaly_score{ONE})", steps=NONE_IS_GOOD).decimals(2),
        stat(
            "State",
            "Normal, in an episode (anomalous; sustained once it lasts), or at a new level that was just accepted.",
            f"max(anomaly_state{ONE})",
            mappings=values(**STATES),
        ),
        stat("Value", "The value that was scored last, in the unit of the query.", f"max(anomaly_value{ONE})").decimals(3),
        stat("Expected", "What was expected in its place.", f"max(anomaly_expected{ONE})").decimals(3),
        stat("Deviation", "By how much the value is above (or below) the expected one.", f"max{width}").decimals(3),
        stat("Band", "Whether enough was seen for a band: until then nothing is reported.", f"max({infinite})",
             mappings=learning),
        stat(
            "Learning held back",
            "Series of this query that are scored and not learnt from: an alert fires, there is maintenance, or it was asked for.",
            f"sum(smartcloudops_scoring_held_series{Q})",
            steps=[("green", None), ("orange", 1)],
        ),
        stat(
            "Last evaluated",
            "How long ago the query was.",
            f"time() - max(smartcloudops_scoring_last_success_timestamp_seconds{Q} > 0)",
            unit="s",
            steps=[("green", None), ("orange", 180), ("red", 600)],
        ).decimals(0),
    ]


def course():
    """The series over time."""
    score = lines(
        "Score",
        "0 is as expected; 1 is the alarm line.",
        (f"max(anomaly_score{ONE})", "score"),
        size=(12, 7),
    ).axis_soft_max(1.2)
    state = steps_of(
        lines(
            "State",
            "The episode: normal, anomalous, sustained, or a new level that was just accepted.",
            (f"max(anomaly_state{ONE})", "state"),
            size=(12, 7),
            fill=30,
        )
    )
    return [
        over_band(
            "Value, expected value and band",
            "The band is where the score stays below 1. Series that are still learning have none.",
            [(f"max(anomaly_value{ONE})", "value")],
            ONE,
            size=(24, 11),
        ),
        with_line_at(score, 1),
        state.mappings(values(**STATES)).max(3).decimals(0),
    ]


def others():
    """The other series of the query."""
    worst = f"topk({SHOWN}, max without (model) (anomaly_score{ALONE}))"
    panel = table(
        "Series of this query",
        f"The {SHOWN} with the highest scores. An instance leads to its own series.",
        [(worst, "__auto"), (f"(anomaly_state{S} and {worst}) + 0", "__auto"),
         (f"max without (model) (anomaly_value{S}) and {worst}", "__auto")],
        {"Value #A": "Score", "Value #B": "State", "Value #C": "Value", "instance": "Instance"},
        size=(12, 10),
        sort="Score",
        hidden=["query"],
    )
    cell = {"type": "color-background", "mode": "basic"}
    red = {"mode": "absolute", "steps": [{"color": "transparent", "value": None}, {"color": "red", "value": 1}]}
    override(panel, "Score", decimals=2, thresholds=red, custom__cellOptions=cell, custom__width=90)
    states = {"0": "normal", "1": "anomalous", "2": "sustained", "3": "new level"}
    texts = [{"type": "value", "options": {key: {"text": text, "index": int(key)} for key, text in states.items()}}]
    override(panel, "State", mappings=texts, custom__width=110)
    override(panel, "Value", decimals=3, custom__width=110)
    own = path(UID, query="${query}", instance="${__data.fields.Instance}")
    override(panel, "Instance", links=[link("Show its series", own)], custom__minWidth=150)
    peak = f"topk(6, max by (instance) (max_over_time(anomaly_score{Q}[$__range] @ end())))"
    return [
        panel,
        with_line_at(
            lines(
                "Scores of the query by instance",
                "Of each instance the highest score; the six that were highest in the time range.",
                (f"max by (instance) (anomaly_score{Q}) and {peak}", "{{instance}}"),
                size=(12, 10),
                names="table",
                fill=0,
            ).axis_soft_max(1.2),
            1,
        ),
    ]


def query():
    """The query as a whole."""
    return [
        up_to_one(
            lines(
                "Series, and what is amiss with them",
                "Of all instances: in an episode, missing from Prometheus, or not learnt from.",
                [
                    (f"sum(smartcloudops_scoring_anomalies{Q})", "anomalous"),
                    (f"sum(smartcloudops_scoring_absent_series{Q})", "missing"),
                    (f"sum by (cause) (smartcloudops_scoring_held_series{Q})", "not learnt from: {{cause}}"),
                ],
            )
        ),
        by_outcome(
            lines(
                "Evaluations",
                "A minute, by outcome. No data: Prometheus has neither series nor targets of that time.",
                (f"60 * sum by (outcome) (rate(smartcloudops_scoring_evaluations_total{Q}[$__rate_interval]))", "{{outcome}}"),
                unit="opm",
            )
        ),
        bars(
            "Alarms of 7 days",
            "Episodes that began, beside what false_alarms allows.",
            [
                (f"sum(increase(smartcloudops_false_alarm_budget_seen_total{Q}[7d]))", "seen"),
                (f"sum(increase(smartcloudops_false_alarm_budget_expected_total{Q}[7d]))", "allowed"),
            ],
            steps=BLUE,
            size=(8, 8),
            decimals=1,
        ),
    ]


def build():
    """The whole dashboard."""
    return board(
        UID,
        "One watched series: its value, what was expected, its band, score and state; its query and its like.",
        variables(),
        [onsets(Q), remediations()],
        [("Now", now()), ("Course", course()), ("Others of the query", others()), ("The query", query())],
    )
