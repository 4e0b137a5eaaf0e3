"""Trains models of several classes on rows, logs each under a model of the project with MLflow's client, and says the probabilities that the
library gives when it is loaded back.

usage: mlflow_classes.py URL MODEL ROWS    ROWS: file of JSON {"names": [...], "rows": [[...]], "labels": [...], "classes": [...]}; labels are
places among the classes, and null is what is missing
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

url, name, path = sys.argv[1:4]
given = json.load(open(path))
mlflow.set_tracking_uri(url)
mlflow.set_experiment("classes from Python")
rows = pandas.DataFrame(given["rows"], columns=given["names"])
texts = [column for column in rows if rows[column].map(lambda value: isinstance(value, str)).any()]
numbers = [column for column in rows if column not in texts]
rows = rows.astype({**{column: "category" for column in texts}, **{column: float for column in numbers}})
labels = numpy.array(given["labels"])
classes = given["classes"]
told = []


def log(flavour, kind, model, predict, packages, by_order=False):
    with mlflow.start_run():
        info = kind.log_model(model, name="model", registered_model_name=name, pip_requirements=packages)
    version = info.registered_model_version
    again = kind.load_model(f"models:/{name}/{version}")
    told.append({"flavour": flavour, "version": int(version), "byOrder": by_order, "probabilities": predict(again).astype(float).tolist()})


parameters = {"objective": "multiclass", "num_class": len(classes), "verbose": -1, "num_threads": 1, "num_leaves": 8, "min_data_per_group": 10}
booster = lightgbm.train(parameters, lightgbm.Dataset(rows, labels), 40)
log("lightgbm", mlflow.lightgbm, booster, lambda model: model.predict(rows), ["lightgbm"])

parameters = {"objective": "multi:softprob", "num_class": len(classes), "nthread": 1, "max_depth": 3, "eta": 0.2}
booster = xgboost.train(parameters, xgboost.DMatrix(rows, labels, enable_categorical=True), 40)
log("xgboost", mlflow.xgboost, booster, lambda model: model.predict(xgboost.DMatrix(rows, enable_categorical=True)), ["xgboost"])


# A category is its place among those in the order of their texts, as it is in a version that is trained here.
matrix = rows.assign(**{column: rows[column].cat.codes for column in texts}).to_numpy(dtype=numpy.float32)


def converted(labels, seed):
    forest = RandomForestClassifier(40, max_depth=5, random_state=seed).fit(matrix, labels)
    return to_onnx(forest, matrix[:1], target_opset={"": 18, "ai.onnx.ml": 3}, options={"zipmap": False})


def predicted(model):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: matrix})[1]


log("onnx of scikit-learn", mlflow.onnx, converted(labels, 1), predicted, ["onnx", "onnxruntime"], by_order=True)

# Of names, scikit-learn makes its classes in the order of the alphabet; here they are told in the order of the label.
in_order = [sorted(classes).index(one) for one in classes]
by_name = converted(numpy.array(classes)[labels], 2)
log("onnx of names", mlflow.onnx, by_name, lambda model: predicted(model)[:, in_order], ["onnx", "onnxruntime"], by_order=True)
print(json.dumps(told))
