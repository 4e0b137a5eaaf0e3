"""Learns by LightGBM which orders are sent back. The platform runs it, and judges what it writes."""

import json
import os
from pathlib import Path

import lightgbm
import pandas


def rows_of(path, job):
    """The features, texts as categories, and the outcomes of a file of rows."""
    rows = pandas.read_parquet(path)
    features = rows[[feature["name"] for feature in job["features"]]]
    texts = [feature["name"] for feature in job["features"] if feature["type"] == "string"]
    return features.astype(dict.fromkeys(texts, "category")), rows[job["label"]]


def tell_progress(state):
    done = (state.iteration + 1) / state.end_iteration
    print(json.dumps({"progress": done, "message": f"tree {state.iteration + 1}"}))


def fit(job):
    train = lightgbm.Dataset(*rows_of(job["train"], job))
    validate = lightgbm.Dataset(*rows_of(job["validate"], job), reference=train)
    trees = job["parameters"].pop("trees")
    # The same rows, parameters and seed give the same bytes, with any number of threads.
    pinned = {"deterministic": True, "force_row_wise": True, "seed": job["seed"], "num_threads": job["threads"]}
    parameters = {"objective": "binary", "metric": "binary_logloss", "verbosity": -1, **job["parameters"], **pinned}
    stop = lightgbm.early_stopping(20, verbose=False)
    return lightgbm.train(parameters, train, trees, [validate], callbacks=[stop, tell_progress])


if __name__ == "__main__":
    job = json.loads(Path(os.environ["TRUELINE_JOB"]).read_text())
    booster = fit(job)
    output = Path(job["output"])
    booster.save_model(output / "model.txt")
    metrics = {"validate_log_loss": booster.best_score["valid_0"]["binary_logloss"], "trees": booster.best_iteration}
    (output / "metrics.json").write_text(json.dumps(metrics))
