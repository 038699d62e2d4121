"""Writes the sets on which the isolation forest is held against scikit-learn's.

    python tools/parity/isolation_forest.py tests/fixtures/isolation_forest

needs numpy and scikit-learn. Each set is a CSV of its columns, the label (1 is an anomaly) and
scikit-learn's score; `summary.json` has the ROC AUC. Both are means over seeds, 100 trees of 256
samples. The data come from a fixed seed; they are rounded before scikit-learn sees them.
"""

import json
import pathlib
import sys

import numpy
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

SEEDS = range(50)
DIGITS = 4


def blob(random):
    """A Gaussian cloud, with anomalies spread over a box around it."""
    return random.normal(size=(900, 3)), random.uniform(-5, 5, size=(45, 3))


def two_clusters(random):
    """Two clouds of different width; the anomalies lie between and around them."""
    normal = numpy.vstack([random.normal(-4, 0.5, (500, 2)), random.normal(4, 1.2, (400, 2))])
    return normal, random.uniform(-8, 8, size=(50, 2))


def ring(random):
    """A circle with an empty middle, where a part of the anomalies lies."""
    angle = random.uniform(0, 2 * numpy.pi, 900)
    radius = random.normal(5, 0.3, 900)
    inside = random.normal(0, 0.7, size=(25, 2))
    return numpy.column_stack([radius * numpy.cos(angle), radius * numpy.sin(angle)]), numpy.vstack(
        [inside, random.uniform(-9, 9, size=(25, 2))]
    )


def correlated_plane(random):
    """Four columns that move together; in an anomaly they do not, each staying in its usual range."""
    factor = random.normal(size=(900, 2))
    mix = numpy.array([[1.0, 0.8, -0.6, 0.3], [0.2, -0.5, 0.9, 1.0]])
    normal = factor @ mix + random.normal(0, 0.1, (900, 4))
    return normal, random.normal(0, 1.2, size=(45, 4)) * normal.std(axis=0)


def irrelevant_columns(random):
    """16 columns of noise around two that tell."""
    normal, odd = random.normal(size=(700, 18)), random.normal(size=(35, 18))
    odd[:, 3] += 5 * random.choice([-1, 1], 35)
    odd[:, 11] += 4
    return normal, odd


def heavy_tails(random):
    """Log-normal columns of very different units, anomalous where both are large or one is tiny."""
    normal = numpy.exp(random.normal(size=(900, 3)) * [1.0, 0.5, 1.5]) * [1.0, 1e6, 1e-3]
    odd = numpy.exp(random.normal(1.5, 1.2, size=(45, 3)) * [1.0, 0.5, 1.5]) * [1.0, 1e6, 1e-3]
    return normal, odd


def few_values(random):
    """Whole numbers with many duplicates and a column that never varies; rare combinations are odd."""
    normal = random.choice([0, 1, 2, 5], p=[0.6, 0.25, 0.1, 0.05], size=(900, 5)).astype(float)
    odd = random.choice([1, 2, 5, 7], size=(45, 5)).astype(float)
    normal[:, 2] = odd[:, 2] = 3
    return normal, odd


def host_metrics(random):
    """Busy, memory, load and traffic over days, as a host has them; anomalies break their relation."""
    minute = numpy.arange(1000) * 10.0
    day = 0.5 + 0.4 * numpy.sin(2 * numpy.pi * minute / 1440)
    traffic = day * 1e7 * numpy.exp(random.normal(0, 0.1, 1000))
    busy = 0.1 + 0.6 * day + random.normal(0, 0.03, 1000)
    load = 8 * busy + random.gamma(2, 0.3, 1000)
    memory = 6e9 + 5e8 * numpy.sin(2 * numpy.pi * minute / 5000) + random.normal(0, 5e7, 1000)
    rows = numpy.column_stack([busy, memory, load, traffic])
    odd = rows[random.choice(1000, 40, replace=False)].copy()
    odd[:14, 0] = random.uniform(0.9, 1.0, 14)
    odd[14:27, 1] += 2.5e9
    odd[27:, 3] *= 0.02
    return rows, odd


SETS = [blob, two_clusters, ring, correlated_plane, irrelevant_columns, heavy_tails, few_values, host_metrics]


def rounded(values):
    """Values as the file will have them."""
    return numpy.array([[float(f"{value:.{DIGITS}g}") for value in row] for row in values])


def score(rows, labels):
    """scikit-learn's scores over the seeds, and their AUC."""
    scores, areas = [], []
    for seed in SEEDS:
        forest = IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(rows)
        scores.append(-forest.score_samples(rows))
        areas.append(roc_auc_score(labels, scores[-1]))
    return numpy.mean(scores, axis=0), areas


def main(folder):
    folder = pathlib.Path(folder)
    summary = {"scikit-learn": sklearn.__version__, "seeds": len(SEEDS), "sets": []}
    for number, make in enumerate(SETS):
        normal, odd = make(numpy.random.default_rng(number))
        rows = rounded(numpy.vstack([normal, odd]))
        labels = numpy.repeat([0, 1], [len(normal), len(odd)])
        scores, areas = score(rows, labels)
        lines = [",".join([f"x{column}" for column in range(rows.shape[1])] + ["label", "score"])]
        for row, label, value in zip(rows, labels, scores):
            lines.append(",".join([f"{cell:.{DIGITS}g}" for cell in row] + [str(label), f"{value:.5f}"]))
        (folder / f"{make.__name__}.csv").write_text("\n".join(lines) + "\n")
        summary["sets"].append(
            {
                "name": make.__name__,
                "auc": round(float(numpy.mean(areas)), 5),
                "lowest": round(min(areas), 5),
                "highest": round(max(areas), 5),
            }
        )
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
