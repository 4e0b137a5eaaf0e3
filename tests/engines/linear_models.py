"""What scikit-learn makes of tables of many shapes: linear_models.py FOLDER

For each case it writes the columns (float32), labels and weights (float64) and one line of cases.json with the minimum that scikit-learn
finds: of ElasticNet and Ridge for numbers, of LogisticRegression for outcomes, behind a SimpleImputer and a StandardScaler.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
draw = np.random.default_rng(11)
cases = []


def table(rows, inputs, correlated, missing):
    x = draw.normal(size=(rows, inputs))
    if correlated:
        x = x @ (np.eye(inputs) + 0.6 * draw.normal(size=(inputs, inputs)))
    x = x * 10.0 ** draw.integers(-3, 4, inputs) + 10.0 ** draw.integers(0, 3, inputs)
    x = x.astype(np.float32)
    if missing:
        x[draw.random(x.shape) < 0.15] = np.nan
    return x


def standardised(x, weights):
    """The mean of a column where it is missing, mean 0, deviation 1: as SimpleImputer and StandardScaler do, by weight."""
    x = x.astype(float)
    shares = weights / weights.sum()
    centers = np.array([np.average(c[~np.isnan(c)], weights=weights[~np.isnan(c)]) for c in x.T])
    filled = np.where(np.isnan(x), centers, x) - centers
    spreads = np.sqrt((shares[:, None] * filled**2).sum(axis=0))
    return filled / spreads, centers, spreads


def minimum(task, z, y, weights, strength, ratio):
    rows = len(y)
    scaled = weights * rows / weights.sum()
    if task == "binary":
        model = LogisticRegression(
            C=1 / (rows * strength), l1_ratio=ratio, solver="saga" if ratio > 0 else "newton-cholesky", tol=1e-13, max_iter=10**5
        )
        model.fit(z, y, sample_weight=scaled)
        return model.coef_[0], model.intercept_[0]
    if ratio == 0:
        model = Ridge(alpha=rows * strength, solver="cholesky").fit(z, y, sample_weight=scaled)
    else:
        model = ElasticNet(alpha=strength, l1_ratio=ratio, tol=1e-15, max_iter=10**6).fit(z, y, sample_weight=scaled)
    return model.coef_, model.intercept_


for task in ("regression", "binary"):
    for rows, inputs, correlated, missing, weighted, strength, ratio in [
        (500, 4, False, False, False, 0.01, 0.5),
        (500, 12, True, False, False, 0.05, 1.0),
        (500, 12, True, True, False, 0.003, 0.0),
        (800, 30, True, True, True, 0.02, 0.8),
        (60, 40, False, False, False, 0.1, 0.5),
        (30000, 8, True, True, True, 0.004, 0.3),
    ]:
        x = table(rows, inputs, correlated, missing)
        weights = draw.random(rows) * 3 + 0.1 if weighted else np.ones(rows)
        z, centers, spreads = standardised(x, weights)
        margin = z[:, : max(2, inputs // 3)].sum(axis=1) + draw.normal(size=rows)
        y = (margin > 0.4).astype(float) if task == "binary" else margin * 7 + 3
        coefficients, intercept = minimum(task, z, y, weights, strength, ratio)
        name = f"case-{len(cases)}"
        np.ascontiguousarray(x.T).tofile(folder / f"{name}.columns")
        y.astype(float).tofile(folder / f"{name}.labels")
        weights.astype(float).tofile(folder / f"{name}.weights")
        cases.append(
            {
                "name": name,
                "task": task,
                "rows": rows,
                "inputs": inputs,
                "weighted": weighted,
                "lambda": strength,
                "l1Ratio": ratio,
                "weights": (coefficients / spreads).tolist(),
                "spreads": spreads.tolist(),
                "intercept": float(intercept - (coefficients / spreads * centers).sum()),
                "missingAs": centers.tolist(),
            }
        )

(folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
