"""What XGBoost, LightGBM and scikit-learn make of tables of several classes: multiclass_models.py FOLDER

For each case it writes the columns (float32), labels and weights (float64) of three parts, and one line of cases.json with the log loss of each
library's trees on the third part, which stop by the second one; or with the minimum that LogisticRegression finds on the first; or with what
TargetEncoder makes of categories that it was fitted on, and of one that it was not.
"""

import json
import sys
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import TargetEncoder

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
draw = np.random.default_rng(7)
cases = []


def table(rows, inputs, classes, missing):
    x = draw.normal(size=(rows, inputs)).astype(np.float32)
    slopes = draw.normal(size=(inputs, classes)) * (draw.random((inputs, classes)) < 0.5)
    margins = x @ slopes * 0.7 + 1.5 * np.sin(2 * x[:, :1] * np.arange(classes)) + np.linspace(1.5, -1.5, classes)
    margins += draw.gumbel(size=margins.shape)
    if missing:
        x[draw.random(x.shape) < 0.1] = np.nan
    return x, margins.argmax(axis=1)


def write(name, parts):
    for part, (x, y, w) in parts.items():
        np.ascontiguousarray(x.T).tofile(folder / f"{name}.{part}.columns")
        y.astype(float).tofile(folder / f"{name}.{part}.labels")
        w.astype(float).tofile(folder / f"{name}.{part}.weights")


for rows, inputs, classes, missing, weighted in [(12000, 10, 5, False, False), (8000, 12, 8, True, True), (6000, 6, 3, True, False)]:
    x, y = table(rows, inputs, classes, missing)
    w = draw.random(rows) * 2 + 0.1 if weighted else np.ones(rows)
    cuts = [0, rows // 2, 3 * rows // 4, rows]
    train, validate, test = [(x[a:b], y[a:b], w[a:b]) for a, b in zip(cuts, cuts[1:])]
    name = f"trees-{len(cases)}"
    write(name, {"train": train, "validate": validate, "test": test})
    matrices = [xgboost.DMatrix(a, label=b, weight=c) for a, b, c in (train, validate, test)]
    booster = xgboost.train(
        {"objective": "multi:softprob", "num_class": classes, "max_depth": 6, "eta": 0.15, "max_bin": 255, "lambda": 1,
         "min_child_weight": 1, "tree_method": "hist", "nthread": 1, "seed": 1},
        matrices[0], 300, evals=[(matrices[1], "validation")], early_stopping_rounds=20, verbose_eval=False)
    by_xgboost = booster.predict(matrices[2], iteration_range=(0, booster.best_iteration + 1))
    model = lightgbm.train(
        {"objective": "multiclass", "num_class": classes, "max_depth": 6, "num_leaves": 64, "learning_rate": 0.15, "max_bin": 255,
         "lambda_l2": 1, "min_sum_hessian_in_leaf": 1, "min_data_in_leaf": 1, "num_threads": 1, "verbose": -1, "seed": 1},
        lightgbm.Dataset(train[0], train[1], weight=train[2]), 300,
        valid_sets=[lightgbm.Dataset(validate[0], validate[1], weight=validate[2])], callbacks=[lightgbm.early_stopping(20, verbose=False)])
    by_lightgbm = model.predict(test[0])
    labels = range(classes)
    cases.append({
        "kind": "trees", "name": name, "rows": [b - a for a, b in zip(cuts, cuts[1:])], "inputs": inputs, "classes": classes,
        "missing": missing, "weighted": weighted,
        "xgboost": log_loss(test[1], by_xgboost, labels=labels, sample_weight=test[2]), "xgboostRounds": booster.best_iteration + 1,
        "lightgbm": log_loss(test[1], by_lightgbm, labels=labels, sample_weight=test[2]), "lightgbmRounds": model.best_iteration,
    })

for rows, inputs, classes, weighted, strength, ratio in [(800, 8, 3, False, 0.01, 0.5), (2000, 12, 6, True, 0.004, 0.8), (1500, 5, 4, False, 0.02, 0.0)]:
    x, y = table(rows, inputs, classes, False)
    w = draw.random(rows) * 2 + 0.1 if weighted else np.ones(rows)
    name = f"lines-{len(cases)}"
    write(name, {"train": (x, y, w)})
    shares = w / w.sum()
    centers = (shares[:, None] * x).sum(axis=0)
    spreads = np.sqrt((shares[:, None] * (x - centers) ** 2).sum(axis=0))
    line = LogisticRegression(
        C=1 / (rows * strength), l1_ratio=ratio, solver="saga" if ratio > 0 else "newton-cg", tol=1e-9, max_iter=5000
    ).fit((x - centers) / spreads, y, sample_weight=shares * rows)
    cases.append({
        "kind": "lines", "name": name, "rows": [rows], "inputs": inputs, "classes": classes, "weighted": weighted,
        "lambda": strength, "l1Ratio": ratio, "weights": line.coef_.flatten().tolist(), "spreads": spreads.tolist(),
    })

for rows, categories, classes, smoothing in [(500, 12, 3, 20.0), (300, 40, 5, 0.5)]:
    x = draw.integers(categories, size=(rows, 1))
    y = (x[:, 0] + draw.integers(4, size=rows)) % classes
    encoder = TargetEncoder(target_type="multiclass", smooth=smoothing).fit(x, y)
    asked = np.append(np.unique(x), categories + 7)
    cases.append({
        "kind": "target", "name": f"target-{len(cases)}", "rows": [rows], "inputs": 1, "classes": classes, "weighted": False,
        "smoothing": smoothing, "categories": x[:, 0].tolist(), "labels": y.tolist(), "asked": asked.tolist(),
        "encoded": encoder.transform(asked[:, None]).tolist(),
    })

(folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
