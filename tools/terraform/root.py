"""An empty root of Debian to install into, in namespaces of its own. Needs root, for it is a chroot.

Amazon Linux cannot be had without AWS, so Debian stands in for it, with dnf, the client of AWS and systemd's own
checkers. No systemd is started in it: told that it is offline, systemctl only enables.
"""

import os
import subprocess
import tempfile
from pathlib import Path

PACKAGES = "awscli,ca-certificates,createrepo-c,curl,dnf,gnupg,iproute2,procps,rpm,systemd"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "smartcloudops", "install-root-1")

ENVIRONMENT = {
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "SYSTEMD_OFFLINE": "1",
}


def base():
    """The root that others are copies of; made once."""
    if not CACHE.exists():
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE.parent) as scratch:
            made = Path(scratch, "root")
            make = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "bookworm", made]
            subprocess.run(make, check=True)
            made.rename(CACHE)
    return CACHE


class Root:
    """The root as seen through an overlay in memory: what is written to it is gone at the end."""

    def __init__(self):
        self.scratch = Path(tempfile.mkdtemp())
        self.path = self.scratch / "root"

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g,mode=0700", "install-root", self.scratch], check=True)
        layers = {"lowerdir": base(), "upperdir": self.scratch / "upper", "workdir": self.scratch / "work"}
        for place in (self.path, layers["upperdir"], layers["workdir"]):
            place.mkdir(mode=0o755)
        options = ",".join(f"{name}={place}" for name, place in layers.items())
        subprocess.run(["mount", "-t", "overlay", "-o", options, "install-root", self.path], check=True)
        # Every host has it but one that was just made.
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.path, self.scratch], check=True)
        self.scratch.rmdir()

    def __truediv__(self, inside):
        """The path outside of what is at a path inside."""
        return self.path / inside.lstrip("/")

    def write(self, inside, text, mode=0o644):
        """Writes a file, with its folders."""
        place = self / inside
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)

    def command(self, *arguments, alone=False):
        """A command in the root, with processes, and if it is alone a network, of its own."""
        network = ["--net"] if alone else []
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", *network, f"--root={self.path}", "--mount-proc", *arguments]

    def attempt(self, *arguments, environment=None, alone=False):
        """Runs it; what it printed, and its exit code."""
        return subprocess.run(
            self.command(*arguments, alone=alone),
            env=ENVIRONMENT | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def run(self, *arguments, **options):
        """What it printed; ends the program with that if it fails."""
        done = self.attempt(*arguments, **options)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}")
        return done.stdout
