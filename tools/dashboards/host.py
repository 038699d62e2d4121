"""Host: the node exporter's view of one host, each panel with the band of the preset `node` where that has a query."""

from bands import over_band
from board import board, choice, daemon, mark, path, remediations
from panels import FEW_ARE_BAD, bars, lines, link, override, stacked, stat, table

UID = "smartcloudops-host"
I = 'instance="$instance"'
# File systems and interfaces, as the preset has them.
REAL = 'fstype!~"autofs|cgroup2?|devpts|devtmpfs|fuse.*|iso9660|nsfs|overlay|proc|ramfs|rootfs|squashfs|sysfs|tmpfs|tracefs"'
WIRED = 'device!~"lo|veth.*|docker.*|br-.*|cali.*|cni.*|flannel.*|virbr.*|lxc.*"'
DISKS = 'device!~"loop.*|ram.*|sr.*|fd.*|zram.*"'
BUSY = f'1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{{mode="idle",{I}}}[5m]))'
LOAD = f'node_load5{{{I}}} / count without (cpu, mode) (node_cpu_seconds_total{{mode="idle",{I}}})'
MEMORY = f"1 - node_memory_MemAvailable_bytes{{{I}}} / node_memory_MemTotal_bytes{{{I}}}"
FULL = f"1 - node_filesystem_avail_bytes{{{REAL},{I}}} / (node_filesystem_size_bytes{{{REAL},{I}}} > 0)"
SHARE = [("green", None), ("orange", 0.8), ("red", 0.9)]
HOST = f'{{query=~"node_.*",{I}}}'


def of(query):
    """What the scores say of a query of the preset, on this host."""
    return f'{{query="{query}",{I}}}'


def variables():
    """Which host."""
    which = choice("instance", "Host", "label_values(node_uname_info, instance)", "A target of the node exporter.")
    return [which, *daemon()]


def now():
    """The host in numbers."""
    return [
        stat("Anomalous series", "Of this host: series of any query whose episode is under way.",
             f"count(anomaly_state{{{I}}} >= 1 < 3) or vector(0)", steps=FEW_ARE_BAD),
        stat("Alerts", "That fire and name this host in their label instance.",
             f'count(ALERTS{{alertstate="firing",{I}}}) or vector(0)', steps=FEW_ARE_BAD),
        stat("CPU", "Share of all processors that was busy in the last five minutes.", BUSY, "percentunit", SHARE)
        .decimals(0),
        stat("Load", "Of five minutes, for each processor: above 1 there is more to run than can.", LOAD,
             steps=[("green", None), ("orange", 1), ("red", 2)]).decimals(2),
        stat("Memory", "Share that is not available to programs.", MEMORY, "percentunit", SHARE).decimals(0),
        stat("Fullest file system", "Of those with data of their own.", f"max({FULL})", "percentunit", SHARE).decimals(0),
        stat("Up for", "Since the last boot.", f"time() - node_boot_time_seconds{{{I}}}", "s").decimals(1),
        stat("Exporter", "Whether Prometheus can scrape the node exporter.", f"up{{{I}}} and on (instance) node_uname_info",
             "bool_yes_no", [("red", None), ("green", 1)], text="no"),
    ]


def anomalous():
    """What is odd about it."""
    score = f"topk(10, max without (model) (anomaly_score{{{I}}}))"
    panel = table(
        "Scores of this host",
        "The ten series with the highest scores; 1 is the alarm line. A query leads to its series.",
        [(score, "__auto"), (f"max without (model) (anomaly_value{{{I}}}) and {score}", "__auto")],
        {"query": "Query", "Value #A": "Score", "Value #B": "Value", "mountpoint": "Mount point", "device": "Device"},
        size=(12, 9),
        sort="Score",
        hidden=["instance", "job", "fstype"],
    )
    cell = {"type": "color-background", "mode": "basic"}
    red = {"mode": "absolute", "steps": [{"color": "transparent", "value": None}, {"color": "red", "value": 1}]}
    override(panel, "Score", decimals=2, thresholds=red, custom__cellOptions=cell, custom__width=90)
    to_series = path("smartcloudops-series", query="${__data.fields.Query}", instance="${instance}")
    override(panel, "Query", links=[link("Show the series", to_series)], custom__width=230)
    override(panel, "Value", decimals=3, custom__width=110)
    return [
        panel,
        bars(
            "File systems",
            "Share of the space that programs may use and that is taken: the ten fullest.",
            (f"sort_desc(topk(10, {FULL}))", "{{mountpoint}}"),
            unit="percentunit",
            steps=SHARE,
            size=(12, 9),
            decimals=1,
        ).max(1),
    ]


def processors():
    """What computes, and what waits for it."""
    modes = (
        f'avg by (mode) (rate(node_cpu_seconds_total{{mode!~"idle|guest|guest_nice",{I}}}[$__rate_interval]))'
    )
    return [
        over_band("CPU busy", "Share of all processors, over five minutes.", [(BUSY, "busy")], of("node_cpu_busy"),
                  "percentunit", least=0),
        over_band("Load for each processor", "Of five minutes.", [(LOAD, "load")], of("node_load_per_cpu"), least=0),
        over_band("Memory used", "Share that is not available to programs.", [(MEMORY, "used")], of("node_memory_used"),
                  "percentunit", least=0, most=1),
        stacked(
            lines("CPU by mode", "What the busy share is made of; it is the share that has a band.",
                  (modes, "{{mode}}"), "percentunit", (12, 8)).max(1)
        ),
    ]


def memory_and_disks():
    """What is stored."""
    fullest = ' and on (mountpoint, device) topk(1, anomaly_value{query="node_disk_used",' + I + "} @ end())"
    inodes = ' and on (mountpoint, device) topk(1, anomaly_value{query="node_inodes_used",' + I + "} @ end())"
    busiest = ' and on (device) topk(1, max_over_time(anomaly_value{query="node_disk_busy",' + I + "}[$__range] @ end()))"
    read = f"rate(node_disk_read_bytes_total{{{DISKS},{I}}}[$__rate_interval])"
    written = f"rate(node_disk_written_bytes_total{{{DISKS},{I}}}[$__rate_interval])"

    def value(query, chosen, legend):
        return [(f"anomaly_value{of(query)}{chosen}", legend)]

    return [
        over_band("Fullest file system", "Share of its space that is taken, with its band; the others are above.",
                  value("node_disk_used", fullest, "{{mountpoint}}"), of("node_disk_used"), "percentunit", chosen=fullest,
                  least=0, most=1),
        over_band("File system with the fewest inodes", "Share of its inodes that is taken.",
                  value("node_inodes_used", inodes, "{{mountpoint}}"), of("node_inodes_used"), "percentunit", chosen=inodes,
                  least=0, most=1),
        over_band("Busiest disk", "Share of the time in which it had something to do.",
                  value("node_disk_busy", busiest, "{{device}}"), of("node_disk_busy"), "percentunit", chosen=busiest,
                  least=0),
        lines("Read and written",
              "Bytes a second: the four disks with the most of each. How busy a disk is has a band, and this has none.",
              [(f"topk(4, {read})", "{{device}} read"), (f"topk(4, {written})", "{{device}} written")], "Bps", (12, 8)),
    ]


def network():
    """What goes over the wire."""

    def both(kind):
        return " + ".join(
            f"rate(node_network_{way}_{kind}_total{{{WIRED},{I}}}[5m])" for way in ["receive", "transmit"]
        )

    def traffic(way):
        return f"sum without (device) (rate(node_network_{way}_bytes_total{{{WIRED},{I}}}[5m]))"

    return [
        over_band("Received", "Bytes a second over all interfaces that lead to other hosts.",
                  [(traffic("receive"), "received")], of("node_network_receive_bytes"), "Bps", size=(8, 8), least=0),
        over_band("Sent", "Bytes a second over all interfaces that lead to other hosts.",
                  [(traffic("transmit"), "sent")], of("node_network_transmit_bytes"), "Bps", size=(8, 8), least=0),
        over_band("Network errors", "Packets with errors a second, in both directions.",
                  [(f"sum without (device) ({both('errs')})", "errors")], of("node_network_errors"), "pps", size=(8, 8),
                  least=0),
    ]


def build():
    """The whole dashboard."""
    began = f"sum by (query) (anomaly_state{HOST} == bool 1) > 0"
    return board(
        UID,
        "One host as its node exporter sees it, over the bands of what is usual for it.",
        variables(),
        [mark("Onsets of anomalies", began, "orange"), remediations()],
        [
            ("Now", now()),
            ("What is odd, and what is full", anomalous()),
            ("Processors and memory", processors()),
            ("Disks", memory_and_disks()),
            ("Network", network()),
        ],
    )
