"""Runs what an instance runs at its first start in an empty root, with servers of this machine in the place of the
internet and of S3, and looks at what came of it.

    unshare --mount python -u tools/terraform/try_install.py DAEMON   # its binary; as root, so that no mount is left

See root.py for what stands in for Amazon Linux, downloads.py for the programs, alive.py for what runs in the end.
"""

import hashlib
import logging
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

import downloads
from render import render
from root import Root

BUCKET = "stand-in-models"
UNITS = ["alertmanager", "grafana-server", "node_exporter", "prometheus", "smartcloudops"]
# systemd's own measure of what a program could still do, from 0 to 100; Grafana's unit is Grafana's.
MOST_EXPOSED = {"alertmanager": 20, "node_exporter": 25, "prometheus": 20, "smartcloudops": 20}
# Who may read what: mode, owner and group.
MODES = {
    "/etc/smartcloudops/secrets": (0o700, "root", "root"),
    "/etc/smartcloudops/secrets/operator.token": (0o600, "root", "root"),
    "/etc/smartcloudops/operator.token": (0o640, "root", "smartcloudops"),
    "/etc/prometheus/scrape.token": (0o640, "root", "prometheus"),
    "/etc/alertmanager/webhook.token": (0o640, "root", "alertmanager"),
    "/etc/grafana/admin.password": (0o640, "root", "grafana"),
    "/etc/grafana/grafana.ini": (0o640, "root", "grafana"),
    "/etc/prometheus/prometheus.yml": (0o644, "root", "root"),
    "/usr/local/bin/smartcloudops": (0o755, "root", "root"),
    "/usr/local/sbin/smartcloudops-install": (0o755, "root", "root"),
    "/swapfile": (0o600, "root", "root"),
}
TEMPLATES = "/usr/share/prometheus/alertmanager"
SCRIPT = "/var/lib/cloud/instance/scripts/part-001"


def expect(condition, sentence):
    """Ends the program with a sentence about what is not so."""
    if not condition:
        raise SystemExit(f"not so: {sentence}")


def knows_aws(binary, scratch):
    """Whether this build of the daemon has AWS's clients; without, it refuses a policy for instances."""
    policy = "{name: a, target: {label: instance}, steps: [{ec2: {do: reboot, private_ip: '{{ target }}', timeout: 30s}}]}"
    place = Path(scratch, "policy.yml")
    place.write_text(f"prometheus: {{url: 'http://p'}}\nremediation: {{policies: [{policy}]}}\n")
    done = subprocess.run([binary, "check", place], capture_output=True, text=True, check=False)
    return "no AWS support" not in done.stdout + done.stderr


class Place:
    """Where instances fetch from: S3 by moto, and the files that Terraform would have stored there."""

    def __init__(self, binary, with_aws, fingerprint, releases, address):
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        self.s3_url = "http://{}:{}".format(*moto.get_host_and_port())
        self.s3 = boto3.client("s3", "us-east-1", endpoint_url=self.s3_url, aws_access_key_id="a", aws_secret_access_key="b")
        self.s3.create_bucket(Bucket=BUCKET)
        self.given = {
            "region": "us-east-1",
            "vpc_id": "vpc-0123456789abcdef0",
            "models_bucket": BUCKET,
            "logs_bucket": "stand-in-logs",
            "daemon_sha256": hashlib.sha256(binary).hexdigest(),
            "releases": releases,
            "grafana": {"version": downloads.GRAFANA, "key_fingerprint": fingerprint},
            "listen_to_others": {"grafana": True, "prometheus": False, "daemon": False},
            "act_on_instances": with_aws,
            "releases_url": address,
            "grafana_url": f"{address}/grafana",
            "swap_mib": 4,
        }
        self.put("monitoring/bin/smartcloudops", binary)
        self.store({})

    def put(self, path, content):
        """Stores one file."""
        self.s3.put_object(Bucket=BUCKET, Key=f"install/{path}", Body=content)

    def store(self, other):
        """Renders with other values than usual, and stores what comes of it, as Terraform would."""
        rendered = render("host", self.given | other)
        for path, content in rendered["files"].items():
            self.put(path, content)
        for host, manifest in rendered["manifests"].items():
            self.put(f"{host}/manifest.sha256", manifest)
        self.user_data = rendered["user_data"]

    def first_start(self, root, host, again=False):
        """What an instance does at its first start, or when it is told to install again."""
        # The first request of all is refused, as those of a role are that was just made.
        known = "[ -e /srv/known ] || { touch /srv/known; echo AccessDenied >&2; exit 1; }"
        root.write("/usr/local/bin/aws", f'#!/bin/sh\n{known}\nexec /usr/bin/aws --endpoint-url {self.s3_url} "$@"\n', 0o755)
        root.write(SCRIPT, self.user_data[host], 0o700)
        key = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        return root.attempt("/usr/local/sbin/smartcloudops-install" if again else SCRIPT, environment=key)


def check_files(root):
    """Files are there, and only those may read them who shall."""
    for path, expected in MODES.items():
        seen = (root / path).stat()
        names = root.run("stat", "--format=%U %G", path).split()
        expect((stat.S_IMODE(seen.st_mode), *names) == expected, f"{path} has {expected}: {oct(seen.st_mode)} {names}")
    expect(len(list((root / "/etc/grafana/smartcloudops").glob("*.json"))) >= 1, "dashboards are there")
    expect(not list((root / "/tmp").glob("tmp.*")), "nothing is left in /tmp")
    words = {(root / f"/etc/smartcloudops/secrets/{name}").read_text() for name in ("webhook.token", "scrape.token", "operator.token", "grafana.password")}
    expect(len(words) == 4 and all(re.fullmatch("[0-9a-f]{64}", word) for word in words), "four random words")


def check_units(root, units):
    """Units are as systemd wants them, enabled, and closed to what their programs do not need."""
    for unit in units:
        printed = root.run("systemd-analyze", "verify", "--man=no", f"{unit}.service")
        expect("smartcloudops" not in printed and unit not in printed, f"nothing is said of {unit}: {printed}")
        expect(root.attempt("systemctl", "is-enabled", f"{unit}.service").returncode == 0, f"{unit} is enabled")
        if unit in MOST_EXPOSED:
            root.run("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED[unit]}", "--no-pager", f"{unit}.service")


def check_configurations(root):
    """The programs' own checkers take what was installed, and it listens where it was told to."""
    root.run("promtool", "check", "config", "/etc/prometheus/prometheus.yml")
    root.run("amtool", "check-config", "/etc/alertmanager/alertmanager.yml")
    root.run("smartcloudops", "check", "/etc/smartcloudops/smartcloudops.yml")
    expect("http_addr = 0.0.0.0\n" in (root / "/etc/grafana/grafana.ini").read_text(), "Grafana listens to others")
    for unit, address in (("prometheus", "127.0.0.1:9090"), ("smartcloudops", "127.0.0.1:9494"), ("node_exporter", "127.0.0.1:9100")):
        text = (root / f"/etc/systemd/system/{unit}.service").read_text()
        expect(f"--web.listen-address={address}\n" in text and "@LISTEN" not in text, f"{unit} listens on {address}")


def check_again(root, place):
    """A second run changes no secret and fetches no release anew."""
    secrets = root / "/etc/smartcloudops/secrets"
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    downloads.Handler.asked.clear()
    done = place.first_start(root, "monitoring", again=True)
    expect(done.returncode == 0, f"it can be run again: {done.stdout}")
    expect(before == {path.name: path.read_text() for path in secrets.iterdir()}, "secrets stay")
    expect(not [path for path in downloads.Handler.asked if path.endswith(".tar.gz")], "releases are not fetched again")


def check_refusals(root, place):
    """What is not what it should be is not installed."""
    wrong = {name: release | {"sha256": "0" * 64} for name, release in place.given["releases"].items()}
    for what, other, sentence in (
        ("a release with another sum", {"releases": wrong}, "is not what its sum says"),
        ("another key of Grafana", {"grafana": {"version": downloads.GRAFANA, "key_fingerprint": "0" * 40}}, "has the fingerprint"),
        ("another daemon", {"daemon_sha256": "0" * 64}, "bin/smartcloudops: FAILED"),
    ):
        place.store(other)
        done = place.first_start(root, "monitoring", again=True)
        expect(done.returncode != 0 and sentence in done.stdout, f"{what} is refused: {done.stdout}")
    place.store({})
    place.put("monitoring/prometheus/prometheus.yml", "scrape_configs: []\n")
    done = place.first_start(root, "monitoring", again=True)
    expect(done.returncode != 0 and "prometheus.yml: FAILED" in done.stdout, f"half of a change is refused: {done.stdout}")
    expect("ec2_sd_configs" in (root / "/etc/prometheus/prometheus.yml").read_text(), "and what was there stays")
    place.store({})


def try_monitoring(root, place):
    """The monitoring instance."""
    done = place.first_start(root, "monitoring")
    expect(done.returncode == 0, f"it installs:\n{done.stdout}")
    expect("AccessDenied" in done.stdout, "it asks S3 again")
    check_files(root)
    check_units(root, UNITS)
    check_configurations(root)
    print("monitoring: installed and checked")
    check_again(root, place)
    check_refusals(root, place)
    print("monitoring: again, and what is refused")
    # Debian's Alertmanager has its templates beside it, not within.
    shutil.copytree(TEMPLATES, root / TEMPLATES, symlinks=True)
    root.write("/srv/alive.py", Path(__file__).with_name("alive.py").read_text())
    root.run("python3", "/srv/alive.py", alone=True)
    print("monitoring: alive")


def try_application(root, place):
    """The application instance."""
    done = place.first_start(root, "application")
    expect(done.returncode == 0, f"it installs:\n{done.stdout}")
    check_units(root, ["node_exporter"])
    text = (root / "/etc/systemd/system/node_exporter.service").read_text()
    expect("--web.listen-address=0.0.0.0:9100\n" in text, "the node exporter listens to others")
    expect(not (root / "/usr/local/bin/prometheus").exists(), "nothing else is there")
    print("application: installed and checked")


def main():
    """Prints each part that is as it should be; ends with a sentence at the first that is not."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch, Root() as monitoring, Root() as application:
        stripped = Path(scratch, "smartcloudops")
        subprocess.run(["strip", "-o", stripped, sys.argv[1]], check=True)
        folder = Path(scratch, "downloads")
        folder.mkdir()
        fingerprint = downloads.pack_grafana(monitoring, folder / "grafana")
        releases = downloads.pack_releases(folder)
        place = Place(stripped.read_bytes(), knows_aws(stripped, scratch), fingerprint, releases, downloads.serve(folder))
        try_monitoring(monitoring, place)
        try_application(application, place)


if __name__ == "__main__":
    main()
