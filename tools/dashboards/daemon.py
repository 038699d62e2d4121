"""Daemon: its own health, one replica at a time. Rate, errors and duration of what it serves and asks; what waits and for
how long; what it takes up; what its language model costs.
"""

from board import board, daemon
from panels import (
    by_outcome,
    FEW_ARE_BAD,
    NONE_IS_GOOD,
    bars,
    drawn_bars,
    lines,
    named,
    override,
    stacked,
    stat,
    steps_of,
    table,
    values,
    with_line_at,
)

UID = "smartcloudops-daemon"
D = 'instance="$daemon"'
S = f"{{{D}}}"
RATE = "[$__rate_interval]"
AGE = [("green", None), ("orange", 180), ("red", 600)]


def per_minute(metric, labels="", more=""):
    """Events a minute, summed by labels."""
    by = f" by ({labels})" if labels else ""
    return f"60 * sum{by} (rate({metric}{{{D}{more}}}{RATE}))"


def quantile(share, metric, labels="le", more=""):
    """A quantile of a histogram."""
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{{{D}{more}}}{RATE})))"


def halves(metric, more=""):
    """Its median and its 99th percentile."""
    return [(quantile(0.5, metric, more=more), "half of them"), (quantile(0.99, metric, more=more), "99 %")]


def variables():
    """Which daemon."""
    return daemon()


def now():
    """The first look."""
    good = values(_0=("refused", "red"), _1=("valid", "green"))
    up = values(_0=("down", "red"), _1=("up", "green"))
    asked = 'smartcloudops_prometheus_up{%s,server="%s"}'
    return [
        named(stat("Version", "That was built.", (f"max by (version) (smartcloudops_build_info{S})", "{{version}}"))),
        stat("Up for", "Since the start of the process.", f"time() - process_start_time_seconds{S}", "s").decimals(1),
        stat("Configuration", "Whether the file was valid when it was last read; if not, the one before is in force.",
             f"smartcloudops_config_last_reload_successful{S}", mappings=good),
        stat("Prometheus", "Whether it answered the last request.", asked % (D, "prometheus"), mappings=up),
        stat("Alertmanager", "Whether it answered the last request; nothing is asked where none is configured.",
             f"{asked % (D, 'alertmanager')} and on (instance) sum by (instance) "
             f'(smartcloudops_prometheus_requests_total{{{D},server="alertmanager"}}) > 0',
             mappings=up, text="not asked"),
        stat("Oldest score", "Since the last evaluation of the query that waits longest.",
             f"time() - min(smartcloudops_scoring_last_success_timestamp_seconds{S} > 0)", "s", AGE).decimals(0),
        stat("Last snapshot", "Since what was learnt was last written or read whole.",
             f"time() - max(smartcloudops_snapshot_last_success_timestamp_seconds{S} > 0)", "s",
             [("green", None), ("orange", 1800), ("red", 3600)], text="none yet").decimals(0),
        stat("Last webhook", "Since Alertmanager delivered last; the Watchdog alone comes every few minutes.",
             f"time() - max(smartcloudops_webhook_last_delivery_timestamp_seconds{S} > 0)", "s",
             [("green", None), ("orange", 900), ("red", 1800)], text="none yet").decimals(0),
    ]


def replicas():
    """All daemons beside each other."""
    series = "sum by (instance) (smartcloudops_scoring_series)"
    queries = [
        "max by (instance) (smartcloudops_remediation_leading)",
        series,
        "max by (instance) (process_resident_memory_bytes and on (job, instance) smartcloudops_build_info)",
        "max by (instance) (smartcloudops_journal_oldest_unapplied_age_seconds)",
        "time() - min by (instance) (smartcloudops_scoring_last_success_timestamp_seconds > 0)",
    ]
    panel = table(
        "Replicas",
        "Every daemon that Prometheus scrapes, at most 20.",
        [(f"({query}) and on (instance) topk(20, {series})", "__auto") for query in queries],
        {"instance": "Daemon", "Value #A": "Leads", "Value #B": "Series", "Value #C": "Memory", "Value #D": "Oldest delivery",
         "Value #E": "Oldest score"},
        size=(12, 6),
    )
    leads = [{"type": "value", "options": {"0": {"text": "no", "index": 0}, "1": {"text": "yes", "index": 1}}}]
    override(panel, "Leads", mappings=leads, custom__width=80)
    override(panel, "Series", custom__width=90, decimals=0)
    override(panel, "Memory", unit="bytes", custom__width=110)
    override(panel, "Oldest delivery", unit="s", decimals=0, custom__width=130)
    override(panel, "Oldest score", unit="s", decimals=0, custom__width=120)
    waiting = [
        (f"max(smartcloudops_journal_oldest_unapplied_age_seconds{S})", "deliveries to be applied"),
        (f"max(smartcloudops_notifications_oldest_waiting_age_seconds{S}) or vector(0)", "messages to be sent"),
    ]
    return [
        panel,
        with_line_at(
            lines("What waits longest", "The age of the oldest delivery that is not applied, and of the oldest message that "
                  "nobody has taken. A minute is too long for the first.", waiting, "s", (12, 6)),
            60,
            "orange",
        ),
    ]


def scoring():
    """The loop that scores."""
    last = f"time() - (smartcloudops_scoring_last_success_timestamp_seconds{S} > 0)"
    ends = [
        (per_minute("smartcloudops_scoring_evaluations_total", "outcome"), "{{outcome}}"),
        (per_minute("smartcloudops_scoring_missed_ticks_total"), "late"),
    ]
    series = [
        (f"sum(smartcloudops_scoring_series{S})", "scored"),
        (f"sum(smartcloudops_scoring_absent_series{S})", "missing"),
        (f"sum by (cause) (smartcloudops_scoring_held_series{S})", "not learnt from: {{cause}}"),
        (f"sum(increase(smartcloudops_scoring_series_refused_total{S}{RATE}))", "refused: too many"),
    ]
    return [
        by_outcome(lines("Evaluations", "A minute, by outcome; late: those that were caught up afterwards.", ends, "opm")),
        lines("Time of an evaluation", "From the request to the last score.",
              halves("smartcloudops_scoring_evaluation_duration_seconds"), "s"),
        lines("Since the last evaluation", "The six queries that wait longest.",
              (f"{last} and topk(6, {last.replace('seconds' + S, 'seconds' + S + ' @ end()')})", "{{query}}"), "s", fill=0),
        lines("Series", "Scored, missing from Prometheus, not learnt from, or beyond limits.max_series.", series),
        lines("Samples scored", "A second.", (f"sum(rate(smartcloudops_scoring_samples_total{S}{RATE}))", "samples"), "cps"),
        lines("History read", "Of what is read at the start.",
              (f"min(smartcloudops_scoring_backfill_progress_ratio{S})", "read"), "percentunit").max(1),
    ]


def serving():
    """What it is asked."""
    requests = "smartcloudops_http_requests_total"
    by_route = f"sum by (route) (rate({requests}{S}{RATE}))"
    busiest = f"topk(6, sum by (route) (increase({requests}{S}[$__range] @ end())) > 0)"
    bad = f'sum by (route, code) (rate({requests}{{{D},code=~"[45].."}}{RATE}))'
    worst = f'topk(6, sum by (route, code) (increase({requests}{{{D},code=~"[45].."}}[$__range] @ end())) > 0)'
    slow = quantile(0.99, "smartcloudops_http_request_duration_seconds", "le, route")
    failures = [
        (f"{bad} and {worst}", "{{code}} {{route}}"),
        (f"sum(rate(smartcloudops_http_authentication_failures_total{S}{RATE}))", "not let in"),
        (f"sum(rate(smartcloudops_http_panics_total{S}{RATE}))", "panics"),
    ]
    return [
        stacked(lines("Requests", "A second, of the six routes with the most.", (f"{by_route} and {busiest}", "{{route}}"),
                      "reqps", names="list")),
        lines("Requests refused or failed", "A second: codes from 400 on of the six routes with the most, callers not let in, "
              "and handlers that panicked.", failures, "reqps", fill=0),
        lines("Time of a request", "99 % of those of each route are faster; of the six busiest routes.",
              (f"{slow} and on (route) {busiest}", "{{route}}"), "s", fill=0),
    ]


def asking():
    """What it asks of others."""
    requests = "smartcloudops_prometheus_requests_total"
    failed = per_minute(requests, "server, outcome", ',outcome!="success"')
    slow = quantile(0.99, "smartcloudops_prometheus_request_duration_seconds", "le, server, kind")
    is_asked = f"and on (server) sum by (server) ({requests}{S}) > 0"
    ever = f"sum by (server, kind) (increase({requests}{S}[$__range] @ end())) > 0"
    return [
        lines("Requests to others", "A minute, to Prometheus, Alertmanager and Loki.",
              (f"{per_minute(requests, 'server, kind')} and {ever}", "{{server}} {{kind}}"), "opm"),
        lines("Those that failed", "A minute, each attempt by its outcome, and attempts made again.",
              [(f"sum by (server) ({failed}) {is_asked}", "{{server}}"),
               (per_minute("smartcloudops_prometheus_retries_total"), "tried again")], "opm", fill=0),
        lines("Time of those requests", "99 % are faster.", (f"{slow} and on (server, kind) {ever}", "{{server}} {{kind}}"),
              "s", fill=0),
    ]


def journal():
    """What it writes down, and who is told."""
    queues = [
        (f"sum(smartcloudops_journal_queue_length{S})", "writes to the journal"),
        (f"sum(smartcloudops_journal_deliveries_unapplied{S})", "deliveries to be applied"),
        (f"sum(smartcloudops_notifications_waiting{S}) or vector(0)", "messages to be sent"),
    ]
    failures = [
        (per_minute("smartcloudops_journal_failures_total"), "journal"),
        (per_minute("smartcloudops_journal_archive_failures_total"), "archive"),
        (per_minute("smartcloudops_snapshot_failures_total"), "snapshots"),
    ]
    disk = [
        (f"sum(smartcloudops_journal_size_bytes{S})", "journal"),
        (f"sum(smartcloudops_snapshot_size_bytes{S})", "snapshots"),
    ]
    return [
        by_outcome(lines(
            "Webhook deliveries", "A minute, by what became of them. Alertmanager repeats what is refused.",
            (per_minute("smartcloudops_webhook_deliveries_total", "outcome"), "{{outcome}}"), "opm")),
        lines("Queues", "What waits.", queues).decimals(0),
        lines("Commits of the journal", "How long a transaction took; a delivery is answered once it is durable.",
              halves("smartcloudops_journal_commit_duration_seconds"), "s"),
        lines("Failures to write", "A minute. Nothing is done that cannot be written down.", failures, "opm"),
        by_outcome(lines(
            "Messages to people", "A minute, by what became of them.",
            (f"{per_minute('smartcloudops_notifications_total', 'outcome')} or label_replace(vector(0), \"outcome\", \"none\", \"\", \"\")",
             "{{outcome}}"), "opm")),
        lines("Size on disk", "Of the journal, and of what was learnt.", disk, "bytes"),
    ]


def resources():
    """What it takes up."""
    per_series = f"process_resident_memory_bytes{S} / on (instance) (sum by (instance) (smartcloudops_scoring_series{S}) > 0)"
    scrape = [
        (f"max(scrape_samples_scraped{S})", "samples"),
        (f"max(smartcloudops_exporter_series{S})", "scored series"),
    ]
    handles = [
        (f"process_open_fds{S}", "open files"),
        (f"sum(smartcloudops_http_connections{S})", "connections"),
    ]
    return [
        lines("Memory", "Resident.", (f"process_resident_memory_bytes{S}", "resident"), "bytes", (6, 7)),
        lines("Memory for each series", "All of it, divided by the series scored.", (per_series, "for each series"), "bytes",
              (6, 7)),
        lines("CPU", "Cores in use.", (f"rate(process_cpu_seconds_total{S}{RATE})", "cores"), size=(6, 7)),
        steps_of(lines("Files and connections", "Open at the moment.", handles, size=(6, 7))).decimals(0),
        lines("Size of a scrape", "Samples on a page, and the series whose scores are on it.", scrape, size=(12, 7)),
        lines("Time of a scrape", "As Prometheus sees it; far below its scrape interval.",
              (f"max(scrape_duration_seconds{S})", "scrape"), "s", (12, 7)),
    ]


def model():
    """The language model, questions and look-ups."""
    requests = "smartcloudops_llm_requests_total"
    sent = f'{requests}{{{D},outcome!~"not_configured|.*_spent"}}'
    answered = f'sum(increase({requests}{{{D},outcome="success"}}[$__range])) / (sum(increase({sent}[$__range])) > 0)'
    ever = f"sum by (outcome) (increase({requests}{S}[$__range] @ end())) > 0"
    spent = f"sum(increase(smartcloudops_llm_cost_dollars_total{S}[%s]))"
    struck = f"sum by (fault) (increase(smartcloudops_llm_struck_sentences_total{S}[$__range]))"
    asked = "sum by (by, outcome) (increase(smartcloudops_chat_questions_total%s[$__range]))" % S
    return [
        stat("Cost of a day", "By the prices of explain.openai; without prices it is 0.", spent % "1d", "currencyUSD",
             size=(4, 4)).decimals(3),
        stat("Answered", "Of the requests that were sent in the time range.", answered, "percentunit",
             [("red", None), ("orange", 0.5), ("green", 0.9)], (4, 4), text="not asked").decimals(0),
        stat("Held back", "Requests of the time range that a limit of requests, tokens or money kept from being sent.",
             f'round(sum(increase({requests}{{{D},outcome=~".*_spent"}}[$__range])))', steps=NONE_IS_GOOD, size=(4, 4)),
        stat("Answers given again", "From the cache, or to several who asked the same at once.",
             f"round(sum(increase(smartcloudops_llm_cache_hits_total{S}[$__range])))", size=(4, 4)),
        stat("In flight", "Requests that the model is answering.", f"sum(smartcloudops_llm_requests_in_flight{S})",
             steps=FEW_ARE_BAD[:1], size=(4, 4)),
        stat("Questions", "To /query, in the time range.",
             f"round(sum(increase(smartcloudops_chat_questions_total{S}[$__range])))", size=(4, 4)),
        by_outcome(drawn_bars(
            lines("Requests to the model", "By how they ended.",
                  (f"sum by (outcome) (increase({requests}{S}{RATE})) and {ever}", "{{outcome}}"))
        )).decimals(0),
        lines("Time of an answer", "From sending a request to its end.",
              halves("smartcloudops_llm_request_duration_seconds"), "s"),
        lines("Cost", "Dollars an hour, by the prices of explain.openai.",
              (f"3600 * sum(rate(smartcloudops_llm_cost_dollars_total{S}{RATE}))", "dollars an hour"), "currencyUSD"),
        lines("Tokens", "A minute, sent and written.", (per_minute("smartcloudops_llm_tokens_total", "direction"),
              "{{direction}}")),
        bars("Sentences struck", "Of the time range: what the evidence does not say, by what is wrong with it.",
             (f"sort_desc(round({struck}) > 0)", "{{fault}}"), size=(8, 8)),
        bars("Questions and who answered", "Of the time range, by a model or by rules, and what came of them: the ten most frequent.",
             (f"sort_desc(topk(10, round({asked}) > 0))", "{{by}}: {{outcome}}"), size=(8, 8), text="none"),
    ]


def build():
    """The whole dashboard."""
    return board(
        UID,
        "The daemon's own health: what it serves and asks, what waits and for how long, what it takes up and what it costs.",
        variables(),
        [],
        [
            ("Now", now()),
            ("Replicas and queues", replicas()),
            ("Scoring", scoring()),
            ("What it is asked", serving()),
            ("What it asks", asking()),
            ("Journal and messages", journal()),
            ("What it takes up", resources()),
            ("Language model", model()),
        ],
    )
