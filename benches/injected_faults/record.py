#!/usr/bin/env python3
"""Records a node exporter under load, as the healthy series of the injected-fault benchmark.

    benches/injected_faults/record.py [--minutes 60] [--out benches/injected_faults/node]

A service that this script runs (load.py) works through days of twelve minutes: busy hours and nights, jobs
every hour, a backup every night. Prometheus scrapes a node exporter twice a second meanwhile. Each scrape is
written as a minute, so that a day of the service becomes a day of the series; rates are over four scrapes,
as people take them over four of theirs. What else runs on the machine is recorded with it.

So the values are real and the clock is not: the noise is that of half a second, and what the kernel averages
over a minute (load1) is averaged over two hours of the written time.

Needs Python 3.9, and prometheus and prometheus-node-exporter (tools/install.sh installs them).
"""

import argparse
import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SCRAPE = 0.5
WINDOW = "2s"
WRITTEN_INTERVAL = 60
COLLECTORS = ("cpu", "diskstats", "filefd", "loadavg", "meminfo", "netstat", "sockstat", "stat", "vmstat")
SETTLING = 10

SERIES = {
    "cpu_busy": f'1 - avg(rate(node_cpu_seconds_total{{mode="idle"}}[{WINDOW}]))',
    "cpu_user": f'avg(rate(node_cpu_seconds_total{{mode="user"}}[{WINDOW}]))',
    "cpu_system": f'avg(rate(node_cpu_seconds_total{{mode="system"}}[{WINDOW}]))',
    "load1": "node_load1",
    "context_switches": f"rate(node_context_switches_total[{WINDOW}])",
    "interrupts": f"rate(node_intr_total[{WINDOW}])",
    "forks": f"rate(node_forks_total[{WINDOW}])",
    "page_faults": f"rate(node_vmstat_pgfault[{WINDOW}])",
    "memory_available": "node_memory_MemAvailable_bytes",
    "memory_anonymous": "node_memory_AnonPages_bytes",
    "network_bytes": f"rate(node_netstat_IpExt_InOctets[{WINDOW}])",
    "network_connections": f"rate(node_netstat_Tcp_PassiveOpens[{WINDOW}])",
    "disk_written": f"sum(rate(node_disk_written_bytes_total[{WINDOW}]))",
    "sockets_waiting": "node_sockstat_TCP_tw",
}


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "node")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as children:
        address = start(pathlib.Path(folder), children)
        time.sleep(SETTLING)
        begin = time.time()
        time.sleep(60 * arguments.minutes)
        write(address, begin, time.time(), arguments.out)


def start(folder, children):
    """Starts the load, the exporter and a Prometheus that scrapes it. Returns the Prometheus's address."""
    exporter, prometheus = (f"127.0.0.1:{free_port()}" for _ in range(2))
    config = folder / "prometheus.yml"
    job = {"job_name": "node", "scrape_interval": f"{SCRAPE * 1000:.0f}ms", "scrape_timeout": "500ms"}
    job["static_configs"] = [{"targets": [exporter]}]
    config.write_text(json.dumps({"scrape_configs": [job]}))
    collectors = [f"--collector.{name}" for name in COLLECTORS]
    server = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    for command in (
        [sys.executable, str(HERE / "load.py"), str(folder / "work")],
        ["prometheus-node-exporter", "--collector.disable-defaults", *collectors, listen_at(exporter)],
        [*server, listen_at(prometheus)],
    ):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        children.callback(stop, child)
    return prometheus


def listen_at(address):
    return f"--web.listen-address={address}"


def stop(child):
    child.terminate()
    child.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(address, begin, end, out):
    """Writes a CSV file for each series; a scrape that was missed is a row that is missing."""
    out.mkdir(parents=True, exist_ok=True)
    for name, expression in SERIES.items():
        span = {"start": begin, "end": end, "step": SCRAPE}
        query = urllib.parse.urlencode({"query": expression, **span})
        with urllib.request.urlopen(f"http://{address}/api/v1/query_range?{query}") as answer:
            (series,) = json.load(answer)["data"]["result"]
        lines = ["timestamp,value"]
        for at, value in series["values"]:
            lines.append(f"{round((at - begin) / SCRAPE) * WRITTEN_INTERVAL},{float(value):.5g}")
        (out / f"{name}.csv").write_text("\n".join(lines) + "\n")
        print(f"{out / name}.csv: {len(lines) - 1} rows")


if __name__ == "__main__":
    main()
