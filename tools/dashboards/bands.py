"""Values over their bands, on the dashboards Series and Host.

A band that is open on one side (only the other one counts) is drawn to the end of what the panel shows; a series that is
still learning has none.
"""

from panels import color, lines, override


def edges(selector, chosen=""):
    """The two edges of the band of a series and what is expected of it; `chosen`: what narrows each to one series."""
    low, high = f"anomaly_expected_lower{selector}", f"anomaly_expected_upper{selector}"
    seen = f"anomaly_value{selector}[$__range] @ end()"
    return [
        (f"((({high} < +Inf) + 0) or (max_over_time({seen}) and {low} > -Inf)){chosen}", "band to"),
        (f"((({low} > -Inf) + 0) or (min_over_time({seen}) and {high} < +Inf)){chosen}", "band from"),
        (f"anomaly_expected{selector} and {high} < +Inf{chosen} or anomaly_expected{selector} and {low} > -Inf{chosen}",
         "expected"),
    ]


def over_band(title, description, value, selector, unit="short", size=(12, 8), chosen="", least=None, most=None):
    """A value over its band; `value`: pairs of expressions and legends."""
    panel = lines(title, description, [*edges(selector, chosen), *value], unit, size, least=least, fill=0)
    override(
        panel,
        "band to",
        color=color("blue"),
        custom__lineWidth=0,
        custom__fillBelowTo="band from",
        custom__fillOpacity=20,
    )
    override(panel, "band from", color=color("blue"), custom__lineWidth=0)
    dashes = {"fill": "dash", "dash": [6, 6]}
    override(panel, "expected", color=color("green"), custom__lineStyle=dashes)
    for _, legend in value:
        if "{{" not in legend:
            override(panel, legend, color=color("orange"), custom__lineWidth=2)
    return panel if most is None else panel.max(most)
