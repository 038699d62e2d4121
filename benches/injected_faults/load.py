#!/usr/bin/env python3
"""load.py FOLDER: a small service with its users, hourly jobs and a nightly backup; days of twelve minutes.

Requests come at random, at a rate that follows the time of day and wanders a little. Each computes, asks a
backend over loopback, keeps its answer in a cache for a while and writes a log; some start a process. It runs
until it is stopped.
"""

import collections
import math
import os
import pathlib
import random
import socket
import socketserver
import subprocess
import sys
import threading
import time

DAY = 720.0
HOUR = DAY / 24
REQUESTS_AT_NOON = 60.0
# A late service skips what has waited for longer: its users have gone.
PATIENCE = 2.0
CACHED_FOR = 1.5 * HOUR
SYNC_EVERY = 50
FORK_EVERY = 40
BACKUP_AT, BACKUP_LASTS = 2 * HOUR, 0.6 * HOUR
BACKUP_BYTES, HOURLY_BYTES = 48 << 20, 6 << 20
CHUNK = 1 << 18


def demand(at):
    """Share of the highest rate at a time of day: a quarter at night, peaks before and after noon."""
    hour = at % DAY / HOUR
    morning, afternoon = ((hour - 10.5) / 3) ** 2, ((hour - 16) / 3.5) ** 2
    return 0.25 + 0.6 * math.exp(-morning) + 0.7 * math.exp(-afternoon)


class Backend(socketserver.StreamRequestHandler):
    """Answers a line with as many bytes as it asks for."""

    def handle(self):
        for line in self.rfile:
            self.wfile.write(b"x" * int(line))


class Service:
    def __init__(self, folder):
        self.folder = folder
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Backend)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.address = server.server_address
        self.cache = collections.deque()
        self.log = (folder / "log").open("wb")
        self.handled = 0

    def handle(self, now):
        self.compute(random.lognormvariate(math.log(0.003), 0.6))
        self.cache.append((now, self.ask(int(random.lognormvariate(math.log(8000), 0.8)))))
        while self.cache and self.cache[0][0] < now - CACHED_FOR:
            self.cache.popleft()
        self.handled += 1
        self.log.write(b"a request was answered\n" * random.randint(5, 40))
        if self.handled % SYNC_EVERY == 0:
            self.log.flush()
            os.fsync(self.log.fileno())
        if self.handled % FORK_EVERY == 0:
            subprocess.run(["true"], check=True)

    def compute(self, seconds):
        until, number = time.thread_time() + seconds, 1
        while time.thread_time() < until:
            number = number * 48271 % 2147483647

    def ask(self, count):
        with socket.create_connection(self.address) as connection:
            connection.sendall(b"%d\n" % count)
            answer = bytearray()
            while len(answer) < count:
                answer += connection.recv(1 << 16)
        return bytes(answer)


def write_slowly(path, count, seconds):
    with path.open("wb") as out:
        for _ in range(count // CHUNK):
            out.write(os.urandom(CHUNK))
            out.flush()
            os.fsync(out.fileno())
            time.sleep(seconds * CHUNK / count)


def jobs(folder, begin):
    """A job at every full hour, and the backup."""
    hour = 0
    while True:
        hour += 1
        time.sleep(max(0.0, begin + hour * HOUR - time.monotonic()))
        write_slowly(folder / "report", HOURLY_BYTES, HOUR / 20)
        if abs(hour * HOUR % DAY - BACKUP_AT) < 1:
            write_slowly(folder / "backup", BACKUP_BYTES, BACKUP_LASTS)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    service, begin = Service(folder), time.monotonic()
    threading.Thread(target=jobs, args=(folder, begin), daemon=True).start()
    arrival, wander = begin, 0.0
    while True:
        wander = 0.999 * wander + random.gauss(0, 0.005)
        rate = REQUESTS_AT_NOON * demand(arrival - begin) * math.exp(wander)
        arrival += random.expovariate(rate)
        late = time.monotonic() - arrival
        if late > PATIENCE:
            continue
        time.sleep(max(0.0, -late))
        service.handle(time.monotonic())


if __name__ == "__main__":
    main()
