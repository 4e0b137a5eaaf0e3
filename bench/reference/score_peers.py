"""The references of `npm run bench -- score`: XGBoost and LightGBM, each scoring a forest of its own of the same size.

Usage: score_peers.py prepare FOLDER, which trains 200 trees of depth 6 on 34 generated columns with both and writes
model.json and model.txt, rows.f32 (rows one after the other), margins.f32 (XGBoost's margins of them) and lightgbm.f64
(LightGBM's margins of the first of them); then
score_peers.py measure FOLDER, which prints one JSON object: microseconds for one row, and rows a second for all of them, on
one thread, by processor time. Each library gets the rows as it likes them best.
"""

import json
import sys
import time

import lightgbm
import numpy
import xgboost

COLUMNS = 34
TRAINING_ROWS = 40_000
ROWS = 50_000
SINGLE_ROWS = 2_000
TREES = 200


def draw(rows, seed):
    random = numpy.random.default_rng(seed)
    values = random.normal(size=(rows, COLUMNS)).astype(numpy.float32)
    # Counts and shares, as features are: some columns have few values, and a tenth of all is missing.
    values[:, ::3] = numpy.round(values[:, ::3] * 4)
    signal = values[:, :8].sum(axis=1) + values[:, 9] * values[:, 10] + random.normal(size=rows)
    values[random.random(values.shape) < 0.1] = numpy.nan
    return values, (signal > 1).astype(numpy.float32)


def prepare(folder):
    values, labels = draw(TRAINING_ROWS, 1)
    settings = {"objective": "binary:logistic", "base_score": 0.5, "max_depth": 6, "eta": 0.1, "max_bin": 254, "nthread": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(values, labels), num_boost_round=TREES)
    booster.save_model(f"{folder}/model.json")
    settings = {"objective": "binary", "num_leaves": 64, "max_depth": 6, "num_threads": 1, "verbose": -1}
    other = lightgbm.train(settings, lightgbm.Dataset(values, labels), num_boost_round=TREES)
    other.save_model(f"{folder}/model.txt")
    rows, _ = draw(ROWS, 2)
    other.predict(rows[:SINGLE_ROWS].astype(numpy.float64), raw_score=True).tofile(f"{folder}/lightgbm.f64")
    rows.tofile(f"{folder}/rows.f32")
    booster.inplace_predict(rows, predict_type="margin").tofile(f"{folder}/margins.f32")


def processor_seconds(work):
    work()
    before = time.process_time()
    work()
    return time.process_time() - before


def measure(folder):
    rows = numpy.fromfile(f"{folder}/rows.f32", dtype=numpy.float32).reshape(ROWS, COLUMNS)
    doubles = rows.astype(numpy.float64)
    booster = xgboost.Booster(model_file=f"{folder}/model.json")
    booster.set_param({"nthread": 1})
    other = lightgbm.Booster(model_file=f"{folder}/model.txt")

    def by_xgboost(values):
        return booster.inplace_predict(values, predict_type="margin")

    def by_lightgbm(values):
        return other.predict(values, raw_score=True, num_threads=1)

    figures = {}
    for name, predict, values in (("xgboost", by_xgboost, rows), ("lightgbm", by_lightgbm, doubles)):
        singles = [values[row : row + 1] for row in range(SINGLE_ROWS)]
        one = processor_seconds(lambda: [predict(row) for row in singles]) / SINGLE_ROWS
        figures[name] = {"one_us": one * 1e6, "rows_s": ROWS / processor_seconds(lambda: predict(values))}
    figures["xgboost"]["version"] = xgboost.__version__
    figures["lightgbm"]["version"] = lightgbm.__version__
    print(json.dumps(figures))


{"prepare": prepare, "measure": measure}[sys.argv[1]](sys.argv[2])
