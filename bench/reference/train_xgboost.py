"""The reference of `npm run bench -- train`: XGBoost on the same table, printed as one JSON object.

Usage: train_xgboost.py TABLES_JSON THREADS, with the file that bench/flights-features.ts writes. The time is that of
binning and boosting from a float32 array in the layout that XGBoost likes best; reading the file is not counted.
"""

import json
import resource
import sys
import time

import numpy
import xgboost


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


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        tables = json.load(file)
    threads = int(sys.argv[2])
    features, labels = load(tables["train"])
    parameters = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "max_depth": 6,
        "eta": 0.15,
        "max_bin": 256,
        "nthread": threads,
        "seed": 7,
    }
    cpu = time.process_time()
    start = time.perf_counter()
    matrix = xgboost.QuantileDMatrix(features, labels, max_bin=256, nthread=threads)
    booster = xgboost.train(parameters, matrix, num_boost_round=150)
    seconds = time.perf_counter() - start
    cpu = time.process_time() - cpu
    held_out, truth = load(tables["test"])
    margins = booster.inplace_predict(held_out, predict_type="margin")
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu,
                "auc": auc(truth, margins),
                "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "version": xgboost.__version__,
            }
        )
    )


main()
