#!/usr/bin/env python3
"""What an evaluation costs: smartcloudops beside a Prometheus, against Grafana's rules inside one.

    cargo build --release && benches/side_by_side/run.py [--series 1000] [--minutes 10]

Four Prometheus servers run at once, each scraping the same gauges once a minute: one that does nothing
else, one with adaptive.yml, one with robust.yml, one that is asked and scraped by the daemon. History is
backfilled, so that every window of the rules is full. What a system costs is its Prometheus's CPU less that
of the idle one; ours is the daemon's CPU on top. CPU is user and system time from /proc, over whole minutes,
after a warm-up; nothing is compacted meanwhile. The gauges are calm, which is the cheap case for the
adaptive rules: they keep a spread only of series that vary by more than half of their mean.

Needs Python 3.9, prometheus and promtool (tools/install.sh prometheus promtool), and about 1 GB of disk.
"""

import argparse
import http.server
import json
import math
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
STRATEGIES = ("adaptive", "robust")
WARM_UP_MINUTES = 4
MINUTE, HOUR = 60, 3600
# What the rules read of each recorded series: the windows that end now, and those of a week ago.
RECENT = 27 * HOUR
WEEK_AGO = (169 * HOUR, 166 * HOUR)


def value(number, at):
    noise = (number * 7919 + at // MINUTE * 104729) % 1000 / 1000 - 0.5
    return 10 + math.sin(at * math.tau / 86400 + number) + 0.3 * noise


def deviation(number, at):
    return abs(value(number, at) - 10)


def labels(number, strategy):
    return (
        f'series="{number}",anomaly_name="load_{number}",anomaly_type="resource",'
        f'anomaly_strategy="{strategy}"'
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve_gauges(series):
    """Serves `/adaptive` and `/robust`: the same values, for one strategy each. Returns the address."""

    class Gauges(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            strategy, now = self.path.strip("/"), int(time.time())
            lines = (f"load{{{labels(i, strategy)}}} {value(i, now):.6f}\n" for i in range(series))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(("# TYPE load gauge\n" + "".join(lines)).encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gauges)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_port}"


def recorded(name):
    """The series whose history a server needs: metric, added label, value at a time."""
    if name == "adaptive":
        return [("anomaly:adaptive:input", ',anomaly_select="0"', value)]
    if name == "robust":
        return [
            ("anomaly:robust:input", ',anomaly_select="0"', value),
            ("anomaly:robust:deviation_1d", ',anomaly_select="0"', deviation),
            ("anomaly:robust:deviation_1h", ',anomaly_select="0"', deviation),
        ]
    return [("load", "", value)]


def backfill(name, strategy, series, target, folder):
    """Writes blocks with the history of one server."""
    now = int(time.time()) // MINUTE * MINUTE
    file = folder / f"{name}.txt"
    for first, last in ((now - RECENT, now), (now - WEEK_AGO[0], now - WEEK_AGO[1])):
        with file.open("w") as out:
            for metric, added, of in recorded(name):
                out.write(f"# TYPE {metric} gauge\n")
                for i in range(series):
                    head = f'{metric}{{{labels(i, strategy)}{added},instance="{target}",job="load"}}'
                    out.writelines(f"{head} {of(i, at):.6f} {at}\n" for at in range(first, last, MINUTE))
            out.write("# EOF\n")
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(file), str(folder / name)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    file.unlink()


class Process:
    """A child with its CPU and memory."""

    def __init__(self, command, folder):
        log = (folder / f"{pathlib.Path(command[0]).name}-{free_port()}.log").open("w")
        self.child = subprocess.Popen(command, stdout=log, stderr=log)

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        pages = int(pathlib.Path(f"/proc/{self.child.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def start_prometheus(name, strategy, target, daemon, folder):
    """A server with the rules of its name, if there are any. Returns it with its address."""
    address = f"127.0.0.1:{free_port()}"
    jobs = [{"job_name": "load", "metrics_path": f"/{strategy}", "static_configs": [{"targets": [target]}]}]
    if daemon:
        jobs.append({"job_name": "ours", "honor_labels": True, "static_configs": [{"targets": [daemon]}]})
    rules = [str(HERE / f"{name}.yml")] if name in STRATEGIES else []
    config = folder / f"{name}.yml"
    interval = {"scrape_interval": "1m", "evaluation_interval": "1m"}
    config.write_text(json.dumps({"global": interval, "scrape_configs": jobs, "rule_files": rules}))
    command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / name}"]
    command += ["--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h"]
    command += ["--storage.tsdb.retention.time=30d", f"--web.listen-address={address}"]
    return Process(command, folder), address


def start_daemon(binary, address, prometheus, folder):
    config = folder / "smartcloudops.yml"
    query = {"name": "load", "expr": "load", "false_alarms": "1 per 30d"}
    scoring = {"interval": "1m", "history": "26h"}
    settings = {"prometheus": {"url": f"http://{prometheus}"}, "scoring": scoring}
    config.write_text(json.dumps({**settings, "presets": [], "queries": [query]}))
    command = [str(binary), f"--config.file={config}", f"--web.listen-address={address}"]
    return Process([*command, f"--storage.path={folder / 'state'}"], folder)


def ask(address, expr):
    """The number an expression yields, 0 without any."""
    url = f"http://{address}/api/v1/query?query={urllib.parse.quote(expr)}"
    with urllib.request.urlopen(url) as answer:
        result = json.load(answer)["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def measure(arguments, folder):
    target = serve_gauges(arguments.series)
    daemon_address = f"127.0.0.1:{free_port()}"
    servers = {"idle": "adaptive", "adaptive": "adaptive", "robust": "robust", "ours": "adaptive"}
    for name, strategy in servers.items():
        print(f"backfilling {name}", flush=True)
        backfill(name, strategy, arguments.series, target, folder)
    processes, addresses = {}, {}
    try:
        for name, strategy in servers.items():
            daemon = daemon_address if name == "ours" else None
            processes[name], addresses[name] = start_prometheus(name, strategy, target, daemon, folder)
        time.sleep(5)
        processes["daemon"] = start_daemon(arguments.binary, daemon_address, addresses["ours"], folder)
        print(f"warming up for {WARM_UP_MINUTES} minutes", flush=True)
        time.sleep(WARM_UP_MINUTES * MINUTE)
        before = {name: process.cpu() for name, process in processes.items()}
        print(f"measuring for {arguments.minutes} minutes", flush=True)
        time.sleep(arguments.minutes * MINUTE)
        cpu = {name: (one.cpu() - before[name]) / arguments.minutes for name, one in processes.items()}
        report(arguments.series, cpu, processes, addresses)
    finally:
        for process in processes.values():
            process.child.terminate()
        for process in processes.values():
            process.child.wait()


def report(series, cpu, processes, addresses):
    bands = 'count({__name__=~"anomaly:upper_band|anomaly_expected_upper"})'
    stored = 'count({__name__=~"anomaly.+"})'
    ours = cpu["daemon"] + cpu["ours"] - cpu["idle"]
    print(f"\n{series} series, CPU of an evaluation; an idle Prometheus takes {cpu['idle'] * 1e3:.1f} ms")
    print(f"{'':<12}{'ms':>10}{'ours':>8}{'bands':>8}{'stored a series':>18}{'resident MiB':>15}")
    for name in (*STRATEGIES, "ours"):
        cost = ours if name == "ours" else cpu[name] - cpu["idle"]
        each = ask(addresses[name], stored) / series
        line = f"{name:<12}{cost * 1e3:>10.1f}{cost / ours:>7.1f}x{ask(addresses[name], bands):>8.0f}"
        print(f"{line}{each:>18.1f}{processes[name].resident_mib():>15.0f}")
    extra = (cpu["ours"] - cpu["idle"]) * 1e3
    memory = processes["daemon"].resident_mib()
    print(f"ours: {cpu['daemon'] * 1e3:.1f} ms in the daemon ({memory:.0f} MiB), {extra:.1f} ms in Prometheus")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--minutes", type=int, default=10, help="evaluations that are measured")
    parser.add_argument("--binary", type=pathlib.Path, default=HERE.parents[1] / "target/release/smartcloudops")
    with tempfile.TemporaryDirectory() as folder:
        measure(parser.parse_args(), pathlib.Path(folder))


if __name__ == "__main__":
    main()
