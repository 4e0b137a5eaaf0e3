"""Models of scikit-learn as ONNX graphs, and what onnxruntime for Python says of rows: FOLDER. Prints the graphs by name."""
import json
import sys
from pathlib import Path

import numpy
import onnxruntime
from skl2onnx import to_onnx
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC

folder = Path(sys.argv[1])
random = numpy.random.default_rng(26)
rows = random.normal(size=(400, 7)).astype(numpy.float32)
value = rows[:, 0] * 2 + numpy.sin(rows[:, 1]) + random.normal(size=400) * 0.1
label = (value > 0).astype(int)
models = {
    "boosting": GradientBoostingClassifier(n_estimators=20).fit(rows, label),
    "forest": RandomForestRegressor(n_estimators=20).fit(rows, value),
    "boosted": GradientBoostingRegressor(n_estimators=50, max_depth=5).fit(rows, value),
    "extra": ExtraTreesRegressor(n_estimators=20).fit(rows, value),
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, label),
    "polynomial": make_pipeline(PolynomialFeatures(2), StandardScaler(), LogisticRegression()).fit(rows, label),
    "network": MLPClassifier(hidden_layer_sizes=(16, 8), max_iter=1000).fit(rows, label),
    "values": make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(16,), max_iter=1000)).fit(rows, value),
    "vectors": SVC(probability=True).fit(rows, label),
}
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
told = []
for name, model in models.items():
    is_classifier = hasattr(model, "predict_proba")
    graph = to_onnx(model, rows[:1], options={id(model): {"zipmap": False}} if is_classifier else None)
    (folder / f"{name}.onnx").write_bytes(graph.SerializeToString())
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    together = session.run(None, {"X": rows})
    alone = [session.run(None, {"X": rows[index : index + 1]})[-1] for index in range(len(rows))]
    (folder / f"{name}.together").write_bytes(together[-1].astype(numpy.float32).tobytes())
    (folder / f"{name}.alone").write_bytes(numpy.concatenate(alone).astype(numpy.float32).tobytes())
    told.append({"name": name, "output": session.get_outputs()[-1].name, "columns": int(together[-1].size // len(rows))})
(folder / "rows").write_bytes(rows.tobytes())
print(json.dumps({"models": told, "version": onnxruntime.__version__}))
