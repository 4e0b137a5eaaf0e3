"""Learns by scikit-learn which orders are sent back. The platform runs it, and judges what it writes."""

import json
import os
from pathlib import Path

import pandas
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def rows_of(path, job):
    """The features, in the order that the job lists them in, and the outcomes. ONNX takes them as float32."""
    rows = pandas.read_parquet(path)
    features = rows[[feature["name"] for feature in job["features"]]]
    return features.to_numpy("float32", na_value=float("nan")), rows[job["label"]].to_numpy()


def fit(job):
    regression = LogisticRegression(random_state=job["seed"], **job["parameters"])
    return make_pipeline(SimpleImputer(), StandardScaler(), regression).fit(*rows_of(job["train"], job))


if __name__ == "__main__":
    job = json.loads(Path(os.environ["TRUELINE_JOB"]).read_text())
    pipeline = fit(job)
    output = Path(job["output"])
    inputs = [("features", FloatTensorType([None, len(job["features"])]))]
    # Without a name of ours the graph has a random one, and no two are the same bytes.
    graph = convert_sklearn(pipeline, "pipeline", inputs, options={"zipmap": False})
    (output / "model.onnx").write_bytes(graph.SerializeToString())
    features, outcomes = rows_of(job["validate"], job)
    auc = roc_auc_score(outcomes, pipeline.predict_proba(features)[:, 1])
    (output / "metrics.json").write_text(json.dumps({"validate_auc": float(auc)}))
