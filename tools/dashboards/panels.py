"""Panels as the dashboards want them: a description, a unit, the data source as a variable, legends that stay short.

Each function takes what differs from panel to panel and gives back a builder of grafana-foundation-sdk. `queries` are
pairs of an expression and its legend, or a single expression.
"""

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus
from grafana_foundation_sdk.builders import stat as stat_panel
from grafana_foundation_sdk.builders import table as table_panel
from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")

BLUE = [("blue", None)]
TEXT = [("text", None)]
# Something is wrong as soon as there is one.
NONE_IS_GOOD = [("green", None), ("red", 1)]
# A few are a matter for today, more are one for now.
FEW_ARE_BAD = [("green", None), ("orange", 1), ("red", 10)]


def thresholds(steps):
    """Colours from a value on; the first has none."""
    steps = [models.Threshold(value=value, color=color) for color, value in steps]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def values(**names):
    """Texts and colours in the place of numbers: `_1=("on", "red")`."""
    mapped = {
        key.strip("_"): models.ValueMappingResult(text=text, color=color, index=index)
        for index, (key, (text, color)) in enumerate(names.items())
    }
    return [models.ValueMap(options=mapped)]


def override(panel, name, **properties):
    """Settings of the field `name` alone; `__` in a key stands for a dot."""
    listed = [dynamic(key.replace("__", "."), value) for key, value in properties.items()]
    return panel.override_by_name(name, listed)


def dynamic(key, value):
    """One setting of an override."""
    return models.DynamicConfigValue(id_val=key, value=value)


def color(name):
    """A field's own colour."""
    return {"mode": "fixed", "fixedColor": name}


def link(title, url):
    """A data link, opened where its reader is."""
    return {"title": title, "url": url}


def _queries(panel, queries, instant, as_table=False):
    pairs = [queries] if isinstance(queries, tuple) else [(queries, "__auto")] if isinstance(queries, str) else queries
    for ref, (expr, legend) in zip("ABCDEFGHIJKL", pairs, strict=False):
        query = prometheus.Dataquery().ref_id(ref).datasource(SOURCE).expr(expr).legend_format(legend)
        query = query.instant() if instant else query.range()
        kind = PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES
        panel.with_target(query.format(kind))
    return panel


def _panel(builder, title, description, unit, size):
    width, height = size
    panel = builder.title(title).description(description).datasource(SOURCE)
    return panel.unit(unit).span(width).height(height)


def _reduced():
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)


def _scheme(mode):
    return dashboard.FieldColor().mode(mode)


def stat(title, description, queries, unit="short", steps=TEXT, size=(3, 4), text=None, mappings=None):
    """A number of now. `text`: what stands in its place where there is none."""
    panel = _panel(stat_panel.Panel(), title, description, unit, size)
    panel = _queries(panel, queries, instant=True).reduce_options(_reduced())
    panel = panel.graph_mode(options.BigValueGraphMode.NONE).color_mode(options.BigValueColorMode.VALUE)
    panel = panel.text_mode(options.BigValueTextMode.AUTO).justify_mode(options.BigValueJustifyMode.AUTO)
    panel = panel.thresholds(thresholds(steps)).color_scheme(_scheme(models.FieldColorModeId.THRESHOLDS))
    panel = panel.orientation(options.VizOrientation.AUTO)
    return panel.mappings(mappings or []).no_value(text or "–")


def named(panel):
    """A number whose text is the name of its series."""
    return panel.text_mode(options.BigValueTextMode.NAME)


def bars(title, description, queries, unit="short", steps=BLUE, size=(8, 7), text="none", decimals=0):
    """One bar for each of a few things, the largest first."""
    panel = _panel(bargauge.Panel(), title, description, unit, size)
    panel = _queries(panel, queries, instant=True).reduce_options(_reduced())
    panel = panel.display_mode(options.BarGaugeDisplayMode.BASIC).orientation(options.VizOrientation.HORIZONTAL)
    panel = panel.value_mode(options.BarGaugeValueMode.COLOR).name_placement(options.BarGaugeNamePlacement.LEFT)
    panel = panel.sizing(options.BarGaugeSizing.MANUAL).min_viz_height(16).max_viz_height(28).min_viz_width(8)
    panel = panel.show_unfilled(True).min(0).decimals(decimals).no_value(text)
    return panel.thresholds(thresholds(steps)).color_scheme(_scheme(models.FieldColorModeId.THRESHOLDS))


# What an outcome means must not depend on which others there are: the palette colours names by their order.
OUTCOMES = {
    "green": ["success", "accepted", "delivered", "helped"],
    "yellow": ["no_data", "late", "retried", "rate_limited"],
    "orange": ["malformed", "unauthorized", "refused", "expired", "invalid_answer", "cut_off", "no_effect"],
    "red": ["prometheus_error", "server_error", "unreachable", "unavailable", "rejected", "given_up", "worse"],
    "purple": ["timed_out", "too_large", "failed"],
}


def by_outcome(panel):
    """Each outcome in a colour of its own."""
    for tint, names in OUTCOMES.items():
        panel = panel.override_by_regexp(f"/^({'|'.join(names)})$/", [dynamic("color", color(tint))])
    return panel


def lines(title, description, queries, unit="short", size=(8, 8), least=0, names="list", fill=8):
    """Lines over time. `names`: "list" below for a few of them, "table" on the right with the last and largest value."""
    panel = _panel(timeseries.Panel(), title, description, unit, size)
    panel = _queries(panel, queries, instant=False).legend(_legend(names))
    panel = panel.tooltip(
        common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING)
    )
    panel = panel.draw_style(options.GraphDrawStyle.LINE).line_width(1).fill_opacity(fill)
    panel = panel.line_interpolation(options.LineInterpolation.LINEAR).show_points(options.VisibilityMode.NEVER)
    panel = panel.color_scheme(_scheme(models.FieldColorModeId.PALETTE_CLASSIC)).thresholds(thresholds(BLUE))
    panel = up_to_one(panel) if unit == "opm" else panel
    return panel if least is None else panel.min(least)


def _legend(names):
    as_table = names == "table"
    mode = options.LegendDisplayMode.TABLE if as_table else options.LegendDisplayMode.LIST
    place = options.LegendPlacement.RIGHT if as_table else options.LegendPlacement.BOTTOM
    return (
        common.VizLegendOptions()
        .display_mode(mode)
        .placement(place)
        .show_legend(True)
        .calcs(["lastNotNull", "max"] if as_table else [])
    )


def up_to_one(panel):
    """Counts: where all of them are 0, the axis would go up to 100."""
    return panel.axis_soft_max(1)


def steps_of(panel):
    """A line that jumps: states, switches and how many there are."""
    return up_to_one(panel).line_interpolation(options.LineInterpolation.STEP_AFTER)


def stacked(panel):
    """Areas on top of each other."""
    mode = common.StackingConfig().mode(options.StackingMode.NORMAL).group("A")
    return panel.stacking(mode).fill_opacity(40).line_width(1)


def drawn_bars(panel):
    """Events: a bar for each interval, on top of each other."""
    mode = common.StackingConfig().mode(options.StackingMode.NORMAL).group("A")
    # A minute apart: an event is in as many of them as $__rate_interval is long.
    panel = up_to_one(panel).interval("1m")
    return panel.draw_style(options.GraphDrawStyle.BARS).stacking(mode).fill_opacity(70).line_width(0)


def with_line_at(panel, value, name="red"):
    """A dashed line at a value, for example where alarms begin."""
    style = common.GraphThresholdsStyleConfig().mode(options.GraphThresholdsStyleMode.DASHED)
    return panel.thresholds(thresholds([("transparent", None), (name, value)])).thresholds_style(style)


def table(title, description, queries, columns, size=(24, 9), sort=None, hidden=()):
    """Rows by labels. `columns`: from label or `Value #A` to heading, in their order; `hidden`: labels not shown."""
    panel = _panel(table_panel.Panel(), title, description, "short", size)
    panel = _queries(panel, queries, instant=True, as_table=True)
    several = not isinstance(queries, (str, tuple))
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    organize = {
        "excludeByName": {name: True for name in ["Time", *hidden]},
        "indexByName": {name: index for index, name in enumerate(columns)},
        "renameByName": columns if several else {name.replace(" #A", ""): text for name, text in columns.items()},
    }
    if not several:
        organize["indexByName"] = {name.replace(" #A", ""): index for index, name in enumerate(columns)}
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=organize))
    if sort:
        panel = panel.sort_by([common.TableSortByFieldState().display_name(sort).desc(True)])
    footer = common.TableFooterOptions().show(False).reducer(["sum"])
    panel = panel.footer(footer).cell_height(options.TableCellHeight.SM).show_header(True).filterable(True)
    # Nothing in the place of what a row lacks: a text would stand in each of its cells.
    return panel.thresholds(thresholds(TEXT)).color_scheme(_scheme(models.FieldColorModeId.THRESHOLDS))
