"""Checks Grafana dashboards against Grafana's own typed schema.

Each file makes a round trip through grafana-foundation-sdk: a key that does not come back is misspelt
or unknown to that version of Grafana. The SDK lets unknown panel types, doubled ids and overlapping
panels pass, so those are checked here, and links that would lead away from where the dashboards are. It does not run the
queries: tests/platform reads them, and tests/integration/dashboards.rs asks them.
"""

import itertools
import json
import re
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

PANEL_TYPES = {"row", "stat", "timeseries", "table", "bargauge"}
# The SDK's model leaves these out although Grafana writes them, and reads them: what a mark says.
LOST_WITHOUT_HARM = re.compile(r"\.id|\.style|\.annotations\.list\[\d+\]\.(titleFormat|textFormat|tagKeys)")
DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def lost(before, after, path=""):
    """Yields the path of everything in `before` that `after` lacks or changed."""
    if isinstance(before, dict):
        for key, value in before.items():
            if not isinstance(after, dict) or key not in after:
                yield f"{path}.{key}"
            else:
                yield from lost(value, after[key], f"{path}.{key}")
    elif isinstance(before, list):
        if not isinstance(after, list) or len(before) != len(after):
            yield path
        else:
            for index, (a, b) in enumerate(zip(before, after)):
                yield from lost(a, b, f"{path}[{index}]")
    elif before != after:
        yield f"{path} ({before!r} became {after!r})"


def panels(dashboard):
    """Yields every panel, those inside collapsed rows too."""
    for panel in dashboard.get("panels", []):
        yield panel
        yield from panel.get("panels", [])


def overlap(a, b):
    """Whether two grid positions share a cell."""
    return (
        a["x"] < b["x"] + b["w"]
        and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"]
        and b["y"] < a["y"] + a["h"]
    )


def panel_faults(panel):
    """Yields what is wrong with one panel."""
    name = f"panel {panel.get('id')} '{panel.get('title')}'"
    if panel["type"] not in PANEL_TYPES:
        yield f"{name}: type {panel['type']} is not one of {sorted(PANEL_TYPES)}"
    if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24:
        yield f"{name}: wider than the grid of 24"
    if panel["type"] == "row":
        return
    for key in ("title", "description", "targets"):
        if not panel.get(key):
            yield f"{name}: no {key}"
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield f"{name}: no unit"
    for source in [panel, *panel["targets"]]:
        if source.get("datasource") != DATA_SOURCE:
            yield f"{name}: the data source is not the variable ${{datasource}}"


def repeat_faults(dashboard):
    """Yields what is wrong with what is repeated for each value of a variable: only folded rows are, since a value more
    is then no more than a heading, and nothing is asked for what nobody looks at."""
    several = {variable["name"] for variable in dashboard["templating"]["list"] if variable.get("multi")}
    for panel in panels(dashboard):
        name, repeat = f"panel {panel.get('id')} '{panel.get('title')}'", panel.get("repeat")
        if not repeat:
            continue
        if panel["type"] != "row" or not panel.get("collapsed"):
            yield f"{name}: repeated, and no folded row"
        if repeat not in several:
            yield f"{name}: repeated for {repeat}, which is no variable of several values"
        elif f"${repeat}" not in panel["title"]:
            yield f"{name}: its headings do not say which ${repeat} they are of"


def absolute(value, path=""):
    """Yields the path of every text that names a host."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from absolute(inside, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from absolute(inside, f"{path}[{index}]")
    elif isinstance(value, str) and re.search(r"\w://\w", value):
        yield path


def faults(dashboard):
    """Yields everything that is wrong with a dashboard."""
    for path in absolute(dashboard):
        yield f"names a host: {path}"
    encoded = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
    for path in lost(dashboard, encoded):
        if not LOST_WITHOUT_HARM.fullmatch(path):
            yield f"lost on the round trip through Grafana's schema: {path}"
    if not dashboard.get("uid"):
        yield "no uid: links to the dashboard would break at each import"
    everything = list(panels(dashboard))
    ids = [panel.get("id") for panel in everything]
    if None in ids or len(set(ids)) != len(ids):
        yield "panel ids are missing or not unique"
    for a, b in itertools.combinations(dashboard["panels"], 2):
        if overlap(a["gridPos"], b["gridPos"]):
            yield f"panels {a['id']} and {b['id']} overlap"
    yield from repeat_faults(dashboard)
    for panel in everything:
        yield from panel_faults(panel)


def main(paths):
    """Prints the faults of every file; 1 if there are any."""
    if not paths:
        print("usage: check_dashboard.py FILE...", file=sys.stderr)
        return 2
    register_default_plugins()
    found = 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            dashboard = json.load(file)
        for fault in faults(dashboard):
            print(f"{path}: {fault}", file=sys.stderr)
            found += 1
        print(f"{path}: {sum(1 for _ in panels(dashboard))} panels read")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
