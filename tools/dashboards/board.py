"""What the dashboards have in common: variables, links to each other and to the daemon, marks, and the grid."""

import json

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from panels import SOURCE

# Grafana's grid.
WIDTH = 24
# Uid and title of each, in the order of an investigation.
BOARDS = {
    "smartcloudops-overview": "Overview",
    "smartcloudops-series": "Series",
    "smartcloudops-host": "Host",
    "smartcloudops-remediation": "Remediation",
    "smartcloudops-daemon": "Daemon",
}
# Where the daemon is as its reader's browser sees it; chosen, or typed in, on the dashboard.
DAEMON = "${scheme}://${daemon}"
# Marks whose text Grafana takes from fields that its schema does not have.
FORMATS = {
    "Onsets of anomalies": {"titleFormat": "{{query}}: an anomaly began", "textFormat": "", "tagKeys": "query"},
    "Ends of remediations": {
        "titleFormat": "{{policy}}: {{outcome}}",
        "textFormat": "",
        "tagKeys": "policy,outcome",
    },
}


def path(uid, **variables):
    """The path of a dashboard with variables set, the time range kept."""
    chosen = "".join(f"&var-{name}={value}" for name, value in variables.items())
    return f"/d/{uid}/{BOARDS[uid].lower()}?${{__url_time_range}}&var-datasource=${{datasource}}{chosen}"


def source():
    """The variable that every panel asks."""
    return dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")


def choice(name, label, query, description, several=False, regex=""):
    """A variable whose values Prometheus has. `several`: any number of them, at first all."""
    kind = 3 if query.startswith("query_result") else 1
    asked = {"query": query, "qryType": kind, "refId": "PrometheusVariableQueryEditor-VariableQuery"}
    variable = dashboard.QueryVariable(name).label(label).description(description).datasource(SOURCE).query(asked)
    variable = variable.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED).regex(regex)
    ordered = models.VariableSort.DISABLED if kind == 3 else models.VariableSort.ALPHABETICAL_ASC
    variable = variable.sort(ordered).multi(several).include_all(several)
    if several:
        everything = models.VariableOption(selected=True, text=["All"], value=["$__all"])
        variable = variable.all_value(".*").current(everything)
    return variable


def daemon():
    """The variables that say where the daemon is: a target of Prometheus, and how it is spoken to."""
    where = choice(
        "daemon",
        "Daemon",
        "label_values(smartcloudops_build_info, instance)",
        "The daemon that the links lead to, by the name under which Prometheus scrapes it. Another address can be typed in.",
    )
    how = dashboard.CustomVariable("scheme").label("by").description("How the daemon is reached.")
    return [where, how.values("http,https").current(models.VariableOption(selected=True, text="http", value="http"))]


def links(own):
    """To the other dashboards, and to what the daemon itself says."""
    for uid, title in BOARDS.items():
        if uid != own:
            to = dashboard.DashboardLink(title).type(models.DashboardLinkType.LINK).url(f"/d/{uid}/{title.lower()}")
            yield to.icon("dashboard").include_vars(True).keep_time(True)
    for title, rest, tooltip in [
        ("Explain", "/explain?format=text", "What fires, what it likely comes from, what was done and why not"),
        ("Status", "/status?format=text", "How the daemon is doing: what it depends on, what waits and for how long"),
    ]:
        to = dashboard.DashboardLink(title).type(models.DashboardLinkType.LINK).url(DAEMON + rest)
        yield to.icon("external link").tooltip(tooltip).target_blank(True)


def mark(name, expr, tint, shown=True):
    """Marks on every panel over time, where the expression is not zero."""
    marked = dashboard.AnnotationQuery().name(name).datasource(SOURCE).expr(expr).icon_color(tint)
    return marked.enable(shown).hide(False)


def onsets(selector):
    """Where anomalies began."""
    expr = f"sum by (query) (increase(smartcloudops_scoring_alarms_total{selector}[$__rate_interval])) > 0"
    return mark("Onsets of anomalies", expr, "orange")


def remediations(selector=""):
    """Where remediations ended, and how."""
    expr = f"sum by (policy, outcome) (increase(smartcloudops_remediation_runs_total{selector}[$__rate_interval])) > 0"
    return mark("Ends of remediations", expr, "blue")


def board(uid, description, variables, marks, rows, since="now-6h"):
    """A whole dashboard; `rows`: pairs of a heading and its panels, which fill the grid from left to right.

    A third part of a row names the variable that it is repeated for: folded, a heading for each value, since only rows
    that a reader unfolds are asked for.
    """
    built = dashboard.Dashboard(f"smartcloudops / {BOARDS[uid]}").uid(uid).description(description)
    built = built.tags(["smartcloudops", "anomaly-detection"]).timezone("browser").refresh("30s").time(since, "now")
    built = built.readonly().tooltip(models.DashboardCursorSync.CROSSHAIR).version(1)
    for variable in [source(), *variables]:
        built = built.with_variable(variable)
    for link in links(uid):
        built = built.link(link)
    for one in marks:
        built = built.annotation(one)
    number = 0
    for heading, panels, *repeated in rows:
        number += 1
        row = dashboard.Row(heading).id(number)
        panels = [panel.id(number + after) for after, panel in enumerate(panels, 1)]
        number += len(panels)
        built = built.with_row(folded(row, panels, *repeated) if repeated else row)
        for panel in [] if repeated else panels:
            built = built.with_panel(panel)
    return built.build()


def folded(row, panels, variable):
    """A row that holds its panels, once for each value of the variable."""
    for panel in panels:
        row = row.with_panel(panel)
    return row.repeat(variable)


def text_of(built):
    """The file of a dashboard."""
    plain = json.loads(JSONEncoder().encode(built))
    for annotation in plain.get("annotations", {}).get("list", []):
        annotation.update(FORMATS.get(annotation["name"], {}))
    return json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
