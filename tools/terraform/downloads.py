"""What stands in for the places that an instance downloads from: releases of the Prometheus project, Grafana's
package repository, and S3.

The programs of the releases are Debian's, packed as the project packs its own. Grafana cannot be had; a package of
its name, signed by a key made here, has its user, its unit and a program that does nothing.
"""

import functools
import hashlib
import http.server
import io
import shutil
import tarfile
import threading
from pathlib import Path

PROGRAMS = {
    "prometheus": {"prometheus": "prometheus", "promtool": "promtool"},
    "alertmanager": {"alertmanager": "prometheus-alertmanager", "amtool": "amtool"},
    "node_exporter": {"node_exporter": "prometheus-node-exporter"},
}
VERSIONS = {"prometheus": "3.5.0", "alertmanager": "0.28.1", "node_exporter": "1.9.1"}
GRAFANA = "11.6.0"
SPEC = f"""
Name: grafana
Version: {GRAFANA}
Release: 1
Summary: Stands in for Grafana
License: Apache-2.0
AutoReqProv: no
%description
Stands in for Grafana.
%install
mkdir -p %{{buildroot}}/usr/sbin %{{buildroot}}/usr/lib/systemd/system %{{buildroot}}/etc/grafana
printf '#!/bin/sh\\n' >%{{buildroot}}/usr/sbin/grafana-server
printf '[Unit]\\nDescription=Grafana\\n[Service]\\nUser=grafana\\nExecStart=/usr/sbin/grafana-server\\nRuntimeDirectory=grafana\\nStateDirectory=grafana\\n[Install]\\nWantedBy=multi-user.target\\n' >%{{buildroot}}/usr/lib/systemd/system/grafana-server.service
printf '; as packaged\\n' >%{{buildroot}}/etc/grafana/grafana.ini
%files
%attr(0755, root, root) /usr/sbin/grafana-server
/usr/lib/systemd/system/grafana-server.service
%config(noreplace) /etc/grafana/grafana.ini
"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files and notes what was asked for."""

    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


def serve(folder):
    """The address of a server of a folder, for as long as the program runs."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def pack_releases(folder):
    """Packs the releases; their versions and sums."""
    releases = {}
    for name, programs in PROGRAMS.items():
        version = VERSIONS[name]
        place = f"{name}-{version}.linux-amd64"
        archive = Path(folder, name, "releases/download", f"v{version}", f"{place}.tar.gz")
        archive.parent.mkdir(parents=True)
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            for program, source in programs.items():
                tar.add(Path(shutil.which(source)).resolve(), f"{place}/{program}")
            license_text = tarfile.TarInfo(f"{place}/LICENSE")
            tar.addfile(license_text, io.BytesIO())
        releases[name] = {"version": version, "sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}
    return releases


def pack_grafana(root, folder):
    """Makes the signed package and its repository; the fingerprint of its key."""
    root.write("/srv/grafana.spec", SPEC)
    root.run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "stand-in", "rsa2048", "sign", "never")
    root.run("rpmbuild", "-bb", "--quiet", "--define", "_rpmdir /srv/rpm", "--target", "x86_64", "/srv/grafana.spec")
    package = f"/srv/rpm/x86_64/grafana-{GRAFANA}-1.x86_64.rpm"
    root.run("rpmsign", "--define", "__gpg /usr/bin/gpg", "--define", "_gpg_name stand-in", "--addsign", package)
    root.run("createrepo_c", "--quiet", "/srv/rpm/x86_64")
    root.run("gpg", "--batch", "--armor", "--detach-sign", "/srv/rpm/x86_64/repodata/repomd.xml")
    root.run("gpg", "--batch", "--armor", "--output", "/srv/rpm/x86_64/gpg.key", "--export", "stand-in")
    listed = root.run("gpg", "--batch", "--with-colons", "--list-keys", "stand-in")
    shutil.copytree(root / "/srv/rpm/x86_64", folder)
    for left in ("/srv/rpm", "/root/.gnupg", "/root/rpmbuild"):
        shutil.rmtree(root / left, ignore_errors=True)
    # What the package itself does on its host.
    root.run("useradd", "--system", "--user-group", "--no-create-home", "grafana")
    return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
