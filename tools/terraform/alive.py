"""Starts what was installed as its units do, without systemd, and waits until it works together. Run by
try_install.py inside of the root, in a network of its own.

Each program runs by the command line and as the user of its unit, so that a file it may not read, a flag it does not
know or a token that does not fit shows here. What systemd adds to that, its sandbox, is not tried.
"""

import json
import pwd
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

UNITS = ["node_exporter", "prometheus", "alertmanager", "smartcloudops"]
DEADLINE = 240
PAUSE = 1
OPERATOR = Path("/etc/smartcloudops/operator.token").read_text()


def start(unit):
    """Starts the program of a unit, with its folder for state."""
    text = Path(f"/etc/systemd/system/{unit}.service").read_text().replace("\\\n", " ")
    settings = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    user, state = settings["User"], settings.get("StateDirectory")
    if state:
        owner = pwd.getpwnam(user)
        subprocess.run(["install", "-d", "-m", "0700", "-o", str(owner.pw_uid), "-g", str(owner.pw_gid), f"/var/lib/{state}"], check=True)
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs", "--bounding-set=-all"]
    log = Path(f"/srv/{unit}.log").open("w")
    return subprocess.Popen([*as_user, *shlex.split(settings["ExecStart"])], stdout=log, stderr=log, cwd="/")


def get(url, token=None):
    """The status and the body of an answer; 0 where there is none."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


def targets():
    """The jobs of which every fixed target answers."""
    _, body = get("http://localhost:9090/api/v1/targets")
    found = json.loads(body)["data"]["activeTargets"] if body else []
    return {target["labels"]["job"] for target in found if target["health"] == "up"}


CHECKS = {
    "the daemon is healthy": lambda: get("http://localhost:9494/-/healthy")[0] == 200,
    "the daemon asks for a token": lambda: get("http://localhost:9494/metrics")[0] == 401,
    "Prometheus reads all of them": lambda: {"prometheus", "alertmanager", "node", "smartcloudops"} <= targets(),
    "Prometheus has its rules": lambda: "Watchdog" in get("http://localhost:9090/api/v1/rules")[1],
    "an alert of Prometheus comes through Alertmanager to the daemon": lambda: "Watchdog" in get("http://localhost:9494/api/v1/alerts", OPERATOR)[1],
}


def main():
    """Prints what did not come to work in time, with the ends of the logs."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    running = {unit: start(unit) for unit in UNITS}
    left, end = dict(CHECKS), time.monotonic() + DEADLINE
    while left and time.monotonic() < end and all(program.poll() is None for program in running.values()):
        left = {name: check for name, check in left.items() if not check()}
        time.sleep(PAUSE)
    for unit, program in running.items():
        if program.poll() is not None:
            left[f"{unit} keeps running"] = None
        program.terminate()
    for name in left:
        print(f"not seen: {name}")
    if left:
        for unit in UNITS:
            print(f"== {unit}", *Path(f"/srv/{unit}.log").read_text().splitlines()[-15:], sep="\n")
    sys.exit(bool(left))


if __name__ == "__main__":
    main()
