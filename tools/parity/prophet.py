"""Write tests/fixtures/prophet/*.json: what Python Prophet makes of ten synthetic series.

    python3 -m venv VENV && VENV/bin/pip install prophet==1.5.0 && VENV/bin/python -P tools/parity/prophet.py

(-P, because this file is itself called prophet.)

Each file holds the series and, for either of Stan's two optimisers that Prophet uses (L-BFGS, the default
from 100 samples on, and Newton, its fallback), Prophet's values inside the history and beyond it, the
objective that was reached, and the spread of the simulated forecasts at the last time. L-BFGS stops early
where the mode has many slopes at exactly 0, so the two can differ by several percent of a series' standard
deviation; the objective tells which is nearer to the mode. The Rust test fits the same series and compares.

The random numbers are seeded: a second run writes the same series, and the same forecasts up to the version
of Stan. Prophet's other settings are left at their defaults.
"""

import json
import logging
import math
import pathlib
import time

import numpy as np
import pandas as pd
from prophet import Prophet

FOLDER = pathlib.Path(__file__).parents[2] / "tests" / "fixtures" / "prophet"
START = 1_767_225_600  # 2026-01-01, a Thursday
MINUTE, HOUR, DAY = 60, 3_600, 86_400
MOST_FITTED, MOST_FORECAST = 400, 300


def day(t):
    """The time of day as a phase, from epoch seconds."""
    return 2 * np.pi * (t % DAY) / DAY


def week(t):
    return 2 * np.pi * (t % (7 * DAY)) / (7 * DAY)


def year(t):
    return 2 * np.pi * (t % (365.25 * DAY)) / (365.25 * DAY)


def grid(start, step, count):
    return start + step * np.arange(count)


def daily(r):
    t = grid(START, 15 * MINUTE, 1344)
    y = 40 + 12 * np.sin(day(t)) + 5 * np.cos(2 * day(t) + 1) + r.normal(0, 2, t.size)
    return t, y, 2 * DAY


def trend_daily_weekly(r):
    t = grid(START, HOUR, 24 * 56)
    u = (t - START) / t.size / HOUR
    y = 200 + 120 * u + 30 * np.sin(day(t) + 1) + 25 * np.cos(week(t)) + r.normal(0, 8, t.size)
    return t, y, 7 * DAY


def changepoints(r):
    t = grid(START, HOUR, 24 * 60)
    u = np.arange(t.size) / t.size
    slope = 50 * u - 180 * np.maximum(0, u - 0.3) + 220 * np.maximum(0, u - 0.62)
    return t, 90 + slope + 4 * np.sin(day(t)) + r.normal(0, 1.5, t.size), 7 * DAY


def yearly(r):
    t = grid(START - 1200 * DAY, DAY, 1200)
    y = 1000 + 150 * np.sin(year(t) - 0.7) + 40 * np.cos(2 * year(t)) + 60 * np.sin(week(t))
    return t, y + 0.1 * np.arange(t.size) + r.normal(0, 25, t.size), 60 * DAY


HOLIDAYS = [
    {"name": "sale", "dates": ["2023-11-24", "2024-11-29", "2025-11-28", "2026-02-13"], "before": 1, "after": 2},
    {"name": "new year", "dates": ["2024-01-01", "2025-01-01", "2026-01-01"], "before": 0, "after": 0},
]


def holidays(r):
    t = grid(START - 1000 * DAY, DAY, 1000)
    y = 500 + 30 * np.sin(year(t)) + 20 * np.cos(week(t)) + r.normal(0, 10, t.size)
    dates = pd.to_datetime(t, unit="s")
    for holiday in HOLIDAYS:
        size = 200 if holiday["name"] == "sale" else -150
        for date in pd.to_datetime(holiday["dates"]):
            for offset in range(-holiday["before"], holiday["after"] + 1):
                y[dates == date + pd.Timedelta(days=offset)] += size / (1 + abs(offset))
    return t, y, 60 * DAY


def gaps(r):
    t = grid(START, 15 * MINUTE, 96 * 21)
    y = 70 + 20 * np.cos(day(t)) + 10 * np.sin(week(t)) + r.normal(0, 4, t.size)
    y[r.random(t.size) < 0.05] = np.nan
    kept = ((t - START) // HOUR < 130) | ((t - START) // HOUR > 171)
    return t[kept], y[kept], 3 * DAY


def noise(r):
    t = grid(START, 5 * MINUTE, 1440)
    return t, 5 + 0.4 * np.sin(day(t)) + r.standard_t(3, t.size) * 3, DAY


def minutes(r):
    t = grid(START, MINUTE, 14 * 1440)
    shape = np.exp(2 * np.cos(day(t) - 3)) + 0.5 * np.sin(6 * day(t))
    return t, np.round(300 + 40 * shape + r.normal(0, 20, t.size)), DAY


def steps_on_a_high_level(r):
    t = grid(START, HOUR, 24 * 40)
    hours = np.arange(t.size)
    y = 1e6 + 30 * np.sin(day(t)) + np.where(hours > 500, 60, 0) + r.normal(0, 6, t.size)
    y[r.random(t.size) < 0.01] += 400
    return t, y, 5 * DAY


def irregular_walk(r):
    t = START + np.cumsum(r.integers(10 * MINUTE, 8 * HOUR, 600))
    return t, np.cumsum(r.normal(0, 1, t.size)) - 20 + 3 * np.sin(day(t)), 10 * DAY


SERIES = [
    daily,
    trend_daily_weekly,
    changepoints,
    yearly,
    holidays,
    gaps,
    noise,
    minutes,
    steps_on_a_high_level,
    irregular_walk,
]


def frame(t):
    return pd.DataFrame({"ds": pd.to_datetime(t, unit="s")})


def holiday_frame(name):
    if name != "holidays":
        return None
    rows = [
        {"holiday": h["name"], "ds": date, "lower_window": -h["before"], "upper_window": h["after"]}
        for h in HOLIDAYS
        for date in h["dates"]
    ]
    return pd.DataFrame(rows).assign(ds=lambda rows: pd.to_datetime(rows.ds))


def objective(model, history):
    """Minus the logarithm of the posterior, constants dropped, as prophet.stan has it."""
    p = {name: np.asarray(value).ravel() for name, value in model.params.items()}
    sigma, y = p["sigma_obs"][0], history["y"].to_numpy() / model.y_scale
    rss = float(np.sum((y - model.predict(history[["ds"]])["yhat"].to_numpy() / model.y_scale) ** 2))
    priors = (p["k"][0] ** 2 + p["m"][0] ** 2) / 50 + np.sum(np.abs(p["delta"])) / 0.05
    priors += np.sum(p["beta"] ** 2) / 200 + 2 * sigma**2
    return y.size * math.log(sigma) + rss / (2 * sigma**2) + float(priors)


def thinned(t, most):
    return t[:: -(-t.size // most)]


def answers(make, history, seed, at, future, digits, **options):
    """What Prophet fitted with one of Stan's optimisers says."""
    model = Prophet(holidays=holiday_frame(make.__name__))
    begun = time.perf_counter()
    model.fit(history.copy(), **options)
    seconds = time.perf_counter() - begun
    forecast = model.predict(frame(at))
    np.random.seed(seed)
    model.uncertainty_samples = 4000
    spread = np.std(model.predictive_samples(frame(future))["yhat"][-1])
    return seconds, {
        "value": [round(float(value), digits + 2) for value in forecast["yhat"]],
        "trend": [round(float(value), digits + 2) for value in forecast["trend"]],
        "sigma": float(model.params["sigma_obs"].ravel()[0] * model.y_scale),
        "spread": float(spread),
        "objective": objective(model, history.dropna()),
    }


def fixture(make, seed):
    t, y, horizon = make(np.random.default_rng(seed))
    digits = max(0, 3 - math.floor(math.log10(np.nanstd(y))))
    history = frame(t).assign(y=np.round(y, digits))
    step = int(np.median(np.diff(t)))
    future = thinned(np.arange(t[-1] + step, t[-1] + horizon + 1, step), MOST_FORECAST)
    at = np.concatenate([thinned(t, MOST_FITTED), future])
    seconds, default = answers(make, history, seed, at, future, digits)
    _, newton = answers(make, history, seed, at, future, digits, algorithm="Newton")
    return seconds, {
        "start": int(t[0]),
        "steps": [step] if np.all(np.diff(t) == step) else [int(gap) for gap in np.diff(t)],
        "y": [None if math.isnan(value) else float(value) for value in history["y"]],
        "holidays": HOLIDAYS if make is holidays else [],
        "at": [int(time) for time in at],
        "fitted": len(thinned(t, MOST_FITTED)),
        "default": default,
        "newton": newton,
    }


def main():
    logging.getLogger("cmdstanpy").disabled = True
    FOLDER.mkdir(parents=True, exist_ok=True)
    for seed, make in enumerate(SERIES, start=1):
        seconds, content = fixture(make, seed)
        path = FOLDER / f"{make.__name__}.json"
        path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
        print(f"{make.__name__:<24} {len(content['y']):>6} points  fitted in {1000 * seconds:>7.0f} ms")


if __name__ == "__main__":
    main()
