#!/usr/bin/env python3
"""Scores the series of a folder with a detector that is not ours, for `smartcloudops evaluate`.

    benches/quality/peers.py adaptive DATA SCORES
    smartcloudops evaluate SCORES DATA --alarms

Each scores a row by what came before it and 1 is its own alarm line:

adaptive, robust   the bands of Grafana's promql-anomaly-detection, evaluated at each row, which stands until the
                   next; its alert needs the value outside for 5 minutes
holt_winters       with a daily season and the confidence band of Brutlag (LISA 2000), as in RRDtool: alpha and
                   gamma 0.1, beta 0.0035, delta 2
isolation_forest   scikit-learn's, over the value, its last change, mean and spread of 12 rows and the change since a
                   day ago; 100 trees of 256 rows out of the latest 4,000, anew every 250 rows
prophet            trend, day and week of the latest 14 days, 5,000 rows at most, anew every day; the band of 99 %

Their alarms have no silence: one that lasts notifies again every 4 hours. CPU time is printed for each sample.

Needs numpy and pandas (tools/requirements.txt), scikit-learn 1.9 for isolation_forest, prophet 1.5 for prophet.
"""

import argparse
import concurrent.futures
import functools
import logging
import os
import pathlib
import sys

import numpy as np
import pandas as pd

DAY = 86400
TIMES = ("timestamp", "time", "date", "ts")


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("data", type=pathlib.Path, help="a folder of CSV files, or the benchmark NAB")
    parser.add_argument("scores", type=pathlib.Path)
    arguments = parser.parse_args()
    data = arguments.data / "data" if (arguments.data / "labels").is_dir() else arguments.data
    names = sorted(path.relative_to(data) for path in data.rglob("*.csv"))
    work = functools.partial(one, arguments.peer, data, arguments.scores)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        rows, seconds = map(sum, zip(*pool.map(work, names)))
    print(f"{arguments.peer}: {rows} samples of {len(names)} series, {seconds / rows * 1e6:.1f} us of CPU each")


def one(peer, data, scores, name):
    """Scores one file. Returns its rows and the seconds of CPU."""
    table = pd.read_csv(data / name)
    column = next(column for column in table if column.lower() in TIMES)
    value = next(column for column in table if column.lower() == "value")
    numbers = pd.Series(table[value].to_numpy(float), pd.to_datetime(table[column], format="ISO8601"))
    # A clock that was set back, or two samples of one time: the later one counts.
    series = numbers[~numbers.index.duplicated(keep="last")].sort_index()
    begin = cpu()
    score, alarm = PEERS[peer](series.interpolate(limit_direction="both"))
    seconds = cpu() - begin
    result = pd.DataFrame({"anomaly_score": score, "alarm": alarm.astype(int)}, series.index)
    result = result.reindex(numbers.index).fillna(0)
    out = scores / name
    out.parent.mkdir(parents=True, exist_ok=True)
    result.insert(0, "timestamp", table[column].to_numpy())
    result.to_csv(out, index=False)
    return len(table), seconds


def cpu():
    """Seconds of CPU of this process and its children: Prophet fits in another program."""
    return sum(os.times()[:4])


def interval(series):
    return float(np.median(np.diff(series.index.to_numpy()).astype("timedelta64[s]").astype(float)))


def in_band(level, lower, upper):
    """1 at the edge, from the middle of the band."""
    half = np.maximum((upper - lower) / 2, 1e-12 + 1e-9 * upper.abs())
    return ((level - (lower + upper) / 2).abs() / half).fillna(0)


def lasting(outside):
    """Rows that have been outside for 5 minutes."""
    times = pd.Series(outside.index, outside.index)
    begins = times.where(outside & ~outside.shift(fill_value=False)).ffill()
    return outside & (times - begins >= pd.Timedelta("5min"))


def before(values, offset, index):
    """Each row's value so long ago, or the latest one before that Prometheus would look back to."""
    wanted = index - pd.Timedelta(offset)
    tolerance = max(pd.Timedelta("5min"), pd.Timedelta(seconds=2 * interval(values)))
    return values.reindex(wanted, method="ffill", tolerance=tolerance).set_axis(index)


def adaptive(series):
    x = series[series > 0]
    mean, spread = x.rolling("1h", closed="both").mean(), x.rolling("1h", closed="both").std(ddof=0)
    short = spread.where(spread > 0.5 * mean).rolling("26h", min_periods=1, closed="both").mean()
    uppers, lowers = [mean + 2 * short, 1.5 * mean], [mean - 2 * short, 0.5 * mean]
    for offset in ("167h30min", "23h30min"):
        middle, width = before(mean, offset, x.index), before(spread, offset, x.index)
        uppers.append(middle + 2 * width)
        lowers.append(middle - 2 * width)
    return judged(series, x, lowers, uppers)


def robust(series):
    x = series[series > 0]
    day, hour = x.rolling("1D", closed="both").median(), x.rolling("1h", closed="both").median()
    spread = (x - day).abs().rolling("1D", closed="both").median()
    width = (x - hour).abs().rolling("1h", closed="both").median()
    uppers, lowers = [day + 2 * spread, 1.5 * day], [day - 2 * spread, 0.5 * day]
    for offset in ("167h45min", "23h45min"):
        middle, wide = before(hour, offset, x.index), before(width, offset, x.index)
        uppers.append(middle + 2 * wide)
        lowers.append(middle - 2 * wide)
    return judged(series, hour, lowers, uppers)


def judged(series, level, lowers, uppers):
    upper = pd.concat(uppers, axis=1).max(axis=1)
    lower = pd.concat(lowers, axis=1).min(axis=1).clip(lower=0)
    score = in_band(level, lower, upper).reindex(series.index).fillna(0)
    outside = ((level > upper) | (level < lower)).reindex(series.index, fill_value=False)
    return score.to_numpy(), lasting(outside).to_numpy()


def holt_winters(series, alpha=0.1, beta=0.0035, gamma=0.1, delta=2.0):
    period = max(1, round(DAY / interval(series)))
    values = series.to_numpy()
    level, trend = values[0], 0.0
    season = np.resize(values[:period] - values[:period].mean(), period).tolist()
    deviation = [None] * period
    score = np.zeros(len(values))
    for row, value in enumerate(values.tolist()):
        place = row % period
        error = abs(value - (level + trend + season[place]))
        known = deviation[place]
        if row >= period:
            if known is not None:
                score[row] = error / max(delta * known, 1e-12 + 1e-9 * abs(value))
            deviation[place] = error if known is None else gamma * error + (1 - gamma) * known
        former = level
        level = alpha * (value - season[place]) + (1 - alpha) * (level + trend)
        trend = beta * (level - former) + (1 - beta) * trend
        season[place] = gamma * (value - level) + (1 - gamma) * season[place]
    return score, score > 1


def isolation_forest(series, memory=4000, every=250):
    from sklearn.ensemble import IsolationForest

    near = series.rolling(12, min_periods=1)
    day = max(1, round(DAY / interval(series)))
    features = [series, series.diff(), near.mean(), near.std(), series.diff(day)]
    rows = pd.concat(features, axis=1).fillna(0).to_numpy()
    score = np.zeros(len(rows))
    for first in range(every, len(rows), every):
        forest = IsolationForest(n_estimators=100, max_samples=min(256, first), random_state=1)
        forest.fit(rows[max(0, first - memory) : first])
        # scikit-learn's own line is at -0.5.
        score[first : first + every] = forest.score_samples(rows[first : first + every]) / -0.5
    return score, score > 1


def prophet(series, memory=pd.Timedelta("14D"), least=100, most=5000):
    import prophet as package

    logging.disable(logging.WARNING)
    np.random.seed(1)
    score, index = np.zeros(len(series)), series.index.tz_localize(None)
    step = max(1, round(DAY / interval(series)))
    for first in range(max(least, step), len(series), step):
        begin = index.searchsorted(index[first] - memory)
        begin = min(begin, first - least)
        past = slice(begin, first, -(-(first - begin) // most))
        known = pd.DataFrame({"ds": index[past], "y": series.to_numpy()[past]})
        model = package.Prophet(interval_width=0.99, yearly_seasonality=False, uncertainty_samples=200)
        fitted = model.fit(known, seed=1)
        place = slice(first, first + step)
        band = fitted.predict(pd.DataFrame({"ds": index[place]}))
        value, middle = series.iloc[place].to_numpy(), band.yhat.to_numpy()
        edge = np.where(value > middle, band.yhat_upper - middle, middle - band.yhat_lower)
        score[place] = np.abs(value - middle) / np.maximum(edge, 1e-12 + 1e-9 * np.abs(middle))
    return score, score > 1


PEERS = {peer.__name__: peer for peer in (adaptive, robust, holt_winters, isolation_forest, prophet)}

if __name__ == "__main__":
    sys.exit(main())
