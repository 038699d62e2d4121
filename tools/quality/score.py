"""score.py SCORES LABELS [--alarms] [--alarm-at T]: the figures of scored CSV files as JSON.

SCORES holds the files of LABELS, each with a column anomaly_score, one row for each row there. It exists to
check `smartcloudops evaluate`, which is far quicker and prints a table and error bars too.
"""

import argparse
import json
import math
import os
import sys

import datasets
import metrics
import numpy as np
import pandas as pd


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scores")
    parser.add_argument("labels")
    parser.add_argument("--alarm-at", type=float, default=1.0, help="divide all scores by this first")
    parser.add_argument("--alarms", action="store_true", help="take the column alarm as the decision at 1")
    arguments = parser.parse_args()
    series = datasets.load(arguments.labels)
    scores = [read_scores(arguments.scores, s, arguments.alarms) for s in series]
    figures = metrics.evaluate(series, scores, arguments.alarm_at)
    book = metrics.EventBook(series)
    figures.update(n_series=len(series), n_pts=book.n_pts, days=book.days)
    scaled = [x / arguments.alarm_at for x in scores]
    figures["per_file"] = metrics.nab_per_file(series, scaled, 1.0)
    json.dump(plain(figures), sys.stdout, indent=1)


def read_scores(folder, s, alarms):
    path = os.path.join(folder, s.name)
    d = pd.read_csv(path)
    v = pd.to_numeric(d.anomaly_score, errors="coerce").to_numpy(float)
    if len(v) != len(s.ts):
        sys.exit(f"{path}: {len(v)} rows, the labels have {len(s.ts)}")
    if alarms:  # a row with an alarm raises a notification, no other row does
        on = d.alarm.to_numpy(float) > 0
        v = np.where(on, np.maximum(v, 1.0), np.minimum(v, 0.999))
    return np.where(np.isposinf(v), 1e300, np.where(np.isfinite(v), v, 0.0))


def plain(value):
    """JSON has neither NaN nor infinity."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    number = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(number, float) and not math.isfinite(number) else number


if __name__ == "__main__":
    main()
