"""Learns by XGBoost which orders are sent back. The platform runs it, and judges what it writes."""

import json
import os
from pathlib import Path

import pandas
import xgboost


def rows_of(path, job):
    """The features and outcomes of a file of rows, under the names of the features."""
    rows = pandas.read_parquet(path)
    return xgboost.DMatrix(rows[[feature["name"] for feature in job["features"]]], rows[job["label"]])


def fit(job):
    train, validate = rows_of(job["train"], job), rows_of(job["validate"], job)
    trees = job["parameters"].pop("trees")
    parameters = {"objective": "binary:logistic", "eval_metric": "logloss", "tree_method": "hist", **job["parameters"]}
    pinned = {"seed": job["seed"], "nthread": job["threads"]}
    stop = xgboost.callback.EarlyStopping(rounds=20, save_best=True)
    watched = {"evals": [(validate, "validate")], "verbose_eval": 50, "callbacks": [stop]}
    return xgboost.train({**parameters, **pinned}, train, trees, **watched)


if __name__ == "__main__":
    job = json.loads(Path(os.environ["TRUELINE_JOB"]).read_text())
    booster = fit(job)
    output = Path(job["output"])
    booster.save_model(output / "model.ubj")
    metrics = {"validate_log_loss": float(booster.best_score), "trees": booster.best_iteration + 1}
    (output / "metrics.json").write_text(json.dumps(metrics))
