"""The references of `npm run bench -- train`: XGBoost and LightGBM on the same table, each printed as one JSON object.

Usage: train_trees.py xgboost|lightgbm TABLES_JSON THREADS, with the file that bench/flights-features.ts writes. The time is that of
binning and boosting from a float32 array in the layout that the libraries like best; reading the file is not counted. Columns that the
file calls categorical are split by sets of categories, as each library does.
"""

import gc
import json
import sys
import time

import numpy

TREES = 150


def load(table):
    shape = (len(table["columns"]), table["rows"])
    features = numpy.fromfile(table["features"], dtype=numpy.float32).reshape(shape)
    return numpy.ascontiguousarray(features.T), numpy.fromfile(table["labels"], dtype=numpy.float32)


def auc(labels, scores):
    """Area under the ROC curve by ranks, ties at their mean rank."""
    _, inverse, counts = numpy.unique(scores, return_inverse=True, return_counts=True)
    ranks = (numpy.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives = labels.sum()
    return float((ranks[labels > 0].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))


def memory(figure):
    """Megabytes that this process holds now (VmRSS) or held at most since they were last counted anew (VmHWM)."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(figure))


def with_xgboost(columns, categorical, threads):
    import xgboost

    parameters = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "max_depth": 6,
        "eta": 0.15,
        "max_bin": 256,
        "nthread": threads,
        "seed": 7,
    }
    types = ["c" if column in categorical else "q" for column in range(columns)]
    options = {"feature_types": types, "enable_categorical": True} if categorical else {}

    def train(table):
        matrix = xgboost.QuantileDMatrix(table.pop(0), table.pop(0), max_bin=256, nthread=threads, **options)
        return xgboost.train(parameters, matrix, num_boost_round=TREES)

    def score(booster, rows):
        return booster.predict(xgboost.DMatrix(rows, **options), output_margin=True)

    return train, score, xgboost.__version__


def with_lightgbm(columns, categorical, threads):
    import lightgbm

    # The settings of the others in its own words: as deep, with as many leaves as that allows, and the same penalties.
    parameters = {
        "objective": "binary",
        "max_depth": 6,
        "num_leaves": 64,
        "learning_rate": 0.15,
        "max_bin": 255,
        "lambda_l2": 1,
        "min_sum_hessian_in_leaf": 1,
        "min_data_in_leaf": 1,
        "num_threads": threads,
        "seed": 7,
        "verbose": -1,
    }

    def train(table):
        data = lightgbm.Dataset(table.pop(0), table.pop(0), categorical_feature=categorical, params=parameters)
        return lightgbm.train(parameters, data, num_boost_round=TREES)

    def score(booster, rows):
        return booster.predict(rows, raw_score=True)

    return train, score, lightgbm.__version__


def main():
    library, tables_file, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(tables_file, encoding="utf-8") as file:
        tables = json.load(file)
    # The table is the training's, which takes it out of the list and lets go of it when it has bins.
    table = list(load(tables["train"]))
    columns = tables["train"]["columns"]
    categorical = [columns.index(name) for name in tables["train"].get("categorical", [])]
    train, score, version = {"xgboost": with_xgboost, "lightgbm": with_lightgbm}[library](
        len(columns), categorical, threads
    )
    # What reading the file took besides the table is not the training's: the peak begins anew.
    gc.collect()
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    held = memory("VmRSS")
    cpu = time.process_time()
    start = time.perf_counter()
    booster = train(table)
    seconds = time.perf_counter() - start
    cpu = time.process_time() - cpu
    peak = memory("VmHWM")
    held_out, truth = load(tables["test"])
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu,
                "auc": auc(truth, score(booster, held_out)),
                "peak_rss_mb": peak,
                "above_input_mb": peak - held,
                "version": version,
            }
        )
    )


main()
