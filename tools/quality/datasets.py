"""Labelled sets. Every set becomes a list of Series: whole seconds, values, a label a row, and events.

A folder with labels/combined_windows.json and data/ is read as the Numenta Anomaly Benchmark, any other as
one of CSV files whose three columns are a time, a value and a label of 0 or 1.
"""

import json
import os
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass
class Series:
    name: str  # path within the set's folder, for example realTweets/x.csv
    ts: np.ndarray  # int64 seconds
    x: np.ndarray  # float; NaN = missing
    y: np.ndarray  # uint8 labels
    events: list = field(default_factory=list)  # first and last index, both included
    prob: int = 0  # the first index that counts
    dt: float = 60.0  # median sampling interval in seconds


def runs(y):
    """First and last index of each unbroken run of labels."""
    y = np.asarray(y).astype(np.int8)
    d = np.diff(np.concatenate([[0], y, [0]]))
    return list(zip(np.where(d == 1)[0].tolist(), (np.where(d == -1)[0] - 1).tolist()))


def probation(n):
    """Rows at the beginning that do not count, as in NAB."""
    return int(np.ceil(min(np.floor(0.15 * n), 0.15 * 5000)))


def load(folder):
    windows = os.path.join(folder, "labels", "combined_windows.json")
    return load_windows(folder, windows) if os.path.exists(windows) else load_rows(folder)


def load_windows(folder, windows):
    with open(windows) as file:
        windows = json.load(file)
    out = []
    for name in sorted(windows):
        path = os.path.join(folder, "data", name)
        if not os.path.exists(path):
            continue
        d = pd.read_csv(path)
        ts = epoch(d.timestamp)
        y = np.zeros(len(d), np.uint8)
        events = []
        for a, b in windows[name]:
            a, b = epoch(pd.Series([a, b]))
            events.append((int(np.where(ts == a)[0][0]), int(np.where(ts == b)[0][0])))
            y[(ts >= a) & (ts <= b)] = 1  # as NAB's labeler does
        out.append(series(name, ts, d.value.to_numpy(float), y, events))
    return out


def load_rows(folder):
    out = []
    paths = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    for path in sorted(path for path in paths if path.endswith(".csv")):
        d = pd.read_csv(path)
        d.columns = ["ts", "v", "l"]
        x = pd.to_numeric(d.v, errors="coerce").to_numpy(float)
        y = d.l.to_numpy().astype(np.uint8)
        out.append(series(os.path.relpath(path, folder), epoch(d.ts), x, y, runs(y)))
    return out


def series(name, ts, x, y, events):
    gaps = np.diff(ts)
    dt = float(np.median(gaps)) if len(gaps) else 60.0
    return Series(name, ts.astype(np.int64), x, y, events, probation(len(ts)), dt)


def epoch(column):
    t = pd.to_datetime(column, utc=True)
    return ((t - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta(seconds=1)).to_numpy(np.int64)
