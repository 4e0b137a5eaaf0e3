"""Models of LightGBM, XGBoost and ONNX with what each library predicts: model_formats.py FOLDER [FILE]

For each case it writes the file of a model, rows (float64, row by row), margins and scores (float64) of each row, and one line of
cases.json that says what they are. With FILE, models are small and few, and all of it goes into that one file, bytes as base64: it makes
src/models/inference/formats/checked-models.fixture.json.
"""

import base64
import json
import sys
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
checked = Path(sys.argv[2]) if len(sys.argv) > 2 else None
cases = []
ROWS, INPUTS = (32 if checked else 2000), 8
ROUNDS = 2 if checked else 40
CATEGORY = 4
draw = np.random.default_rng(7)


def table(rows, infinite):
    """Ties, missing values, values that are hardly numbers any more, and categories that are none."""
    x = draw.normal(size=(rows, INPUTS))
    x[:, 1] = np.round(x[:, 1], 1)
    x[:, 2] = np.where(draw.random(rows) < 0.3, 0, x[:, 2])
    x[:, 3] = x[:, 3] * 1e-36
    x[:, CATEGORY] = draw.integers(0, 40, rows)
    x[:, 5] = np.exp(x[:, 5] * 8)
    x[:, 6] = np.where(draw.random(rows) < 0.05, 1e30, x[:, 6])
    x[:, 7] = draw.integers(0, 2, rows)
    missing = draw.random(x.shape) < 0.1
    x[missing] = np.nan
    if infinite:
        x[draw.random(rows) < 0.02, 0] = np.inf
        x[draw.random(rows) < 0.02, 6] = -np.inf
    return x


def strange_categories(x):
    x = x.copy()
    x[draw.random(len(x)) < 0.1, CATEGORY] = 1000
    x[draw.random(len(x)) < 0.05, CATEGORY] = -1
    x[draw.random(len(x)) < 0.05, CATEGORY] = 2.5
    return x


def outcome(x):
    clean = np.nan_to_num(x, nan=0.3, posinf=2, neginf=-2)
    odd = np.isin(clean[:, CATEGORY] % 7, [1, 3, 4])
    return clean[:, 0] + np.sin(3 * clean[:, 1]) + 1.5 * odd + 0.4 * clean[:, 7] + (clean[:, 2] == 0)


train = table(4000, False)
signal = outcome(train) + draw.normal(size=len(train)) * 0.5
binary = (signal > np.median(signal)).astype(float)
classes = np.digitize(signal, np.quantile(signal, [0.3, 0.6])).astype(float)
positive = np.exp(signal / 4)


def keep(name, file, x, margins, scores, **more):
    """`within` is how far scores may be from the library's, in units of the last place of `precision`."""
    for kind, values in (("rows", x), ("margins", margins), ("scores", scores)):
        if values is not None:
            np.ascontiguousarray(values, dtype="<f8").tofile(folder / f"{name}.{kind}")
    outputs = 1 if scores.ndim == 1 else scores.shape[1]
    cases.append({"name": name, "file": file, "rows": len(x), "inputs": x.shape[1], "outputs": outputs, **more})


def lightgbm_cases():
    import lightgbm as lgb

    base = {"num_leaves": 6 if checked else 31, "verbose": -1, "num_threads": 1, "seed": 3, "deterministic": True, "min_data_in_leaf": 5}
    grid = {
        "binary": ({"objective": "binary"}, binary),
        "binary-sigmoid": ({"objective": "binary", "sigmoid": 0.7}, binary),
        "binary-zero-missing": ({"objective": "binary", "zero_as_missing": True}, binary),
        "binary-no-missing": ({"objective": "binary", "use_missing": False}, binary),
        "binary-rf": ({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, binary),
        "binary-dart": ({"objective": "binary", "boosting": "dart"}, binary),
        "binary-goss": ({"objective": "binary", "data_sample_strategy": "goss"}, binary),
        "cross-entropy": ({"objective": "cross_entropy"}, binary),
        "cross-entropy-lambda": ({"objective": "cross_entropy_lambda"}, binary),
        "regression": ({"objective": "regression"}, signal),
        "regression-sqrt": ({"objective": "regression", "reg_sqrt": True}, signal),
        "regression-l1": ({"objective": "regression_l1"}, signal),
        "regression-rf": ({"objective": "regression", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, signal),
        "huber": ({"objective": "huber"}, signal),
        "fair": ({"objective": "fair"}, signal),
        "quantile": ({"objective": "quantile", "alpha": 0.8}, signal),
        "mape": ({"objective": "mape"}, positive),
        "poisson": ({"objective": "poisson"}, positive),
        "gamma": ({"objective": "gamma"}, positive),
        "tweedie": ({"objective": "tweedie"}, positive),
        "multiclass": ({"objective": "multiclass", "num_class": 3}, classes),
        "multiclassova": ({"objective": "multiclassova", "num_class": 3}, classes),
        "monotone-deep": ({"objective": "binary", "num_leaves": 200, "monotone_constraints": [1, 0, 0, 0, 0, 0, 0, 0]}, binary),
        "extra-trees": ({"objective": "binary", "extra_trees": True}, binary),
        "one-leaf": ({"objective": "regression", "min_data_in_leaf": 5000}, signal),
    }
    for categorical in (False, True):
        for name, (parameters, labels) in grid.items():
            if categorical and "monotone" in name:
                continue
            data = lgb.Dataset(train, labels, categorical_feature=[CATEGORY] if categorical else [])
            booster = lgb.train({**base, **parameters}, data, ROUNDS)
            full = f"lightgbm-{name}{'-categories' if categorical else ''}"
            booster.save_model(folder / f"{full}.txt")
            x = strange_categories(table(ROWS, True))
            # Of a forest of means the raw score is the sum, which nothing else uses.
            raw = None if parameters.get("boosting") == "rf" else booster.predict(x, raw_score=True)
            keep(full, f"{full}.txt", x, raw, booster.predict(x), precision="float64", within=4)


def xgboost_cases():
    import xgboost as xgb

    base = {"max_depth": 2 if checked else 6, "nthread": 1, "seed": 3, "tree_method": "hist", "eta": 0.2}
    grid = {
        "logistic": ({"objective": "binary:logistic"}, binary),
        "logistic-base": ({"objective": "binary:logistic", "base_score": 0.3}, binary),
        "logitraw": ({"objective": "binary:logitraw"}, binary),
        "hinge": ({"objective": "binary:hinge"}, binary),
        "squared": ({"objective": "reg:squarederror"}, signal),
        "absolute": ({"objective": "reg:absoluteerror"}, signal),
        "pseudohuber": ({"objective": "reg:pseudohubererror"}, signal),
        "quantile": ({"objective": "reg:quantileerror", "quantile_alpha": 0.7}, signal),
        "poisson": ({"objective": "count:poisson"}, np.round(positive)),
        "gamma": ({"objective": "reg:gamma"}, positive),
        "tweedie": ({"objective": "reg:tweedie"}, positive),
        "softprob": ({"objective": "multi:softprob", "num_class": 3}, classes),
        "dart": ({"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.3}, binary),
        "parallel": ({"objective": "binary:logistic", "num_parallel_tree": 3, "subsample": 0.7}, binary),
        "parallel-softprob": ({"objective": "multi:softprob", "num_class": 3, "num_parallel_tree": 2, "subsample": 0.7}, classes),
        "lossguide": ({"objective": "binary:logistic", "grow_policy": "lossguide", "max_leaves": 100, "max_depth": 0}, binary),
        "exact": ({"objective": "binary:logistic", "tree_method": "exact"}, binary),
        "stopped": ({"objective": "binary:logistic", "eta": 0.9}, binary),
        "stump": ({"objective": "reg:squarederror", "gamma": 1e9}, signal),
    }
    for categorical in (False, True):
        for name, (parameters, labels) in grid.items():
            if categorical and name == "exact":
                continue
            types = ["q"] * INPUTS
            if categorical:
                types[CATEGORY] = "c"
            names = [f"input {i}" for i in range(INPUTS)]
            some = {"feature_types": types, "feature_names": names}
            data = xgb.DMatrix(train, labels, **some)
            stopped = name == "stopped"
            held = table(1000, False)
            watch = {"evals": [(xgb.DMatrix(held, outcome(held) > 1, **some), "held")], "early_stopping_rounds": 3}
            booster = xgb.train({**base, **parameters}, data, ROUNDS, **(watch if stopped else {}), verbose_eval=False)
            x = table(ROWS, False)
            if categorical:
                x = np.where(np.arange(INPUTS) == CATEGORY, strange_categories(x), x)
                # XGBoost refuses categories below 0.
                x[:, CATEGORY] = np.where(x[:, CATEGORY] < 0, np.nan, x[:, CATEGORY])
            asked = xgb.DMatrix(x, **some)
            until = {"iteration_range": (0, booster.best_iteration + 1)} if stopped else {}
            margins = booster.predict(asked, output_margin=True, **until)
            scores = booster.predict(asked, **until)
            full = f"xgboost-{name}{'-categories' if categorical else ''}"
            for ending in ("json", "ubj"):
                booster.save_model(folder / f"{full}.{ending}")
                within = 16 if "softprob" in name else 2
                keep(f"{full}-{ending}", f"{full}.{ending}", x, margins, scores, precision="float32", within=within)
    linear = xgb.train({"booster": "gblinear", "objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(train[:, :3], binary), 20)
    linear.save_model(folder / "xgboost-linear.json")
    x = table(ROWS, False)[:, :3]
    keep("xgboost-linear", "xgboost-linear.json", x, None, linear.predict(xgb.DMatrix(x)), precision="float32", within=32)


lightgbm_cases()
xgboost_cases()
(folder / "cases.json").write_text(json.dumps(cases))
if checked:
    few = [
        *("lightgbm-binary-categories", "lightgbm-binary-zero-missing", "lightgbm-multiclass", "lightgbm-regression-rf"),
        *("xgboost-logistic-base-categories-json", "xgboost-softprob-ubj", "xgboost-dart-json", "xgboost-stopped-ubj"),
    ]

    def packed(path):
        return base64.b64encode(path.read_bytes()).decode() if path.exists() else None

    kept = [case for case in cases if case["name"] in few]
    for case in kept:
        case["content"] = packed(folder / case["file"])
        for kind in ("rows", "margins", "scores"):
            case[f"{kind}Content"] = packed(folder / f"{case['name']}.{kind}")
    checked.write_text(json.dumps(kept, indent=2) + "\n")
