"""Trains models on rows, logs each under a model of the project with MLflow's client, and says what it predicts when it is loaded back.

usage: mlflow_contract.py URL MODEL ROWS    ROWS: file of JSON {"names": [...], "rows": [[...]], "labels": [...]}, null for what is missing
"""
import json
import os
import sys
import warnings

os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
warnings.filterwarnings("ignore")

import lightgbm  # noqa: E402
import mlflow  # noqa: E402
import numpy  # noqa: E402
import onnxruntime  # noqa: E402
import pandas  # noqa: E402
import xgboost  # noqa: E402
from skl2onnx import to_onnx  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

url, name, path = sys.argv[1:4]
given = json.load(open(path))
mlflow.set_tracking_uri(url)
mlflow.set_experiment("from Python")
rows = pandas.DataFrame(numpy.array(given["rows"], dtype=numpy.float64), columns=given["names"])
narrow = rows.astype(numpy.float32)
labels = numpy.array(given["labels"])
told = []


def log(flavour, kind, model, predict, packages, by_order=False):
    with mlflow.start_run():
        mlflow.log_metric("auc", 0.5)
        info = kind.log_model(model, name="model", registered_model_name=name, pip_requirements=packages)
    version = info.registered_model_version
    again = kind.load_model(f"models:/{name}/{version}")
    told.append({"flavour": flavour, "version": int(version), "byOrder": by_order, "scores": [float(score) for score in predict(again)]})


booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "learning_rate": 0.05, "num_leaves": 8}, lightgbm.Dataset(rows, labels), 60)
log("lightgbm", mlflow.lightgbm, booster, lambda model: model.predict(rows), ["lightgbm"])

booster = xgboost.train({"objective": "binary:logistic", "nthread": 1, "max_depth": 3, "eta": 0.05}, xgboost.DMatrix(rows, labels), 60)
log("xgboost", mlflow.xgboost, booster, lambda model: model.predict(xgboost.DMatrix(rows)), ["xgboost"])

# scikit-learn has no format of its own but pickles: it is converted here, on the side of whoever logs it.
forest = RandomForestClassifier(60, max_depth=5, random_state=1).fit(narrow.to_numpy(), labels)
graph = to_onnx(forest, narrow[:1].to_numpy(), target_opset={"": 18, "ai.onnx.ml": 3}, options={"zipmap": False})


def predicted(model):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: narrow.to_numpy()})[1][:, 1]


log("onnx of scikit-learn", mlflow.onnx, graph, predicted, ["onnx", "onnxruntime"], by_order=True)

plain = LogisticRegression().fit(numpy.nan_to_num(narrow.to_numpy()), labels)
with mlflow.start_run():
    info = mlflow.sklearn.log_model(plain, name="model", registered_model_name=name, pip_requirements=["scikit-learn"])
told.append({"flavour": "sklearn", "version": int(info.registered_model_version), "byOrder": True, "scores": []})
print(json.dumps(told))
