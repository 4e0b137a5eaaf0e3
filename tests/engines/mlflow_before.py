"""Works with a client of MLflow 2, which knows no logged models: exits with an error where something is not as it says.

usage: mlflow_before.py URL
"""
import sys
import warnings

warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import numpy  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
rows = numpy.random.default_rng(5).normal(size=(60, 3))
model = LogisticRegression().fit(rows, rows[:, 0] > 0)
mlflow.set_experiment("of an old client")
with mlflow.start_run() as run:
    mlflow.log_metric("auc", 0.9, step=1)
    mlflow.log_params({"depth": 3})
    mlflow.log_text("some words", "notes/a.txt")
    info = mlflow.sklearn.log_model(model, "model", registered_model_name="of an old client", pip_requirements=["scikit-learn"])
version = client.get_model_version("of an old client", 1)
assert version.run_id == run.info.run_id and version.status == "READY", version
client.set_registered_model_alias("of an old client", "best", 1)
client.transition_model_version_stage("of an old client", 1, "Production")
for which in ("/1", "@best", "/latest", "/Production"):
    again = mlflow.sklearn.load_model(f"models:/of an old client{which}")
    assert (again.predict(rows) == model.predict(rows)).all(), which
assert (mlflow.sklearn.load_model(info.model_uri).predict(rows) == model.predict(rows)).all()
assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["model", "notes"]
found = client.search_runs([run.info.experiment_id], "metrics.auc > 0.8 AND params.depth = '3'")
assert [one.info.run_id for one in found] == [run.info.run_id]
assert "mlflow.log-model.history" in found[0].data.tags
print(mlflow.__version__)
