"""Values over their bands, on the dashboards Series and Host.

A band that is open on one side (only the other one counts) is drawn to `least`, or to the end of what the panel shows; a
series that is still learning has none.
"""

from panels import color, dynamic, lines, override


def edges(selector, chosen="", least=None):
    """The two edges of the band of a series and what is expected of it; `chosen`: what narrows each to one series."""
    expected, low, high = (f"anomaly_expected{end}{selector}" for end in ["", "_lower", "_upper"])

    def furthest(way, than):
        value, usual = (f"{way}_over_time({metric}{selector}[$__range] @ end())" for metric in ["anomaly_value", "anomaly_expected"])
        return f"({value} {than} {usual} or {usual})"

    bottom = furthest("min", "<") if least is None else f"{least} * {expected}"
    return [
        (f"((({high} < +Inf) + 0) or ({furthest('max', '>')} and {low} > -Inf)){chosen}", "band"),
        (f"((({low} > -Inf) + 0) or ({bottom} and {high} < +Inf)){chosen}", "lower edge"),
        (f"(({expected} and {high} < +Inf) or ({expected} and {low} > -Inf)){chosen}", "expected"),
    ]


def over_band(title, description, value, selector, unit="short", size=(12, 8), chosen="", least=None, most=None):
    """A value over its band; `value`: pairs of expressions and legends."""
    panel = lines(title, description, [*edges(selector, chosen, least), *value], unit, size, least=least, fill=0)
    override(
        panel,
        "band",
        color=color("blue"),
        custom__lineWidth=0,
        custom__fillBelowTo="lower edge",
        custom__fillOpacity=20,
    )
    hidden = {"legend": True, "tooltip": False, "viz": False}
    override(panel, "lower edge", color=color("blue"), custom__lineWidth=0, custom__hideFrom=hidden)
    dashes = {"fill": "dash", "dash": [6, 6]}
    override(panel, "expected", color=color("green"), custom__lineStyle=dashes)
    ref = "ABCDEFGH"[len(edges(selector))]
    panel.override_by_query(ref, [dynamic("color", color("orange")), dynamic("custom.lineWidth", 2)])
    return panel if most is None else panel.max(most)
