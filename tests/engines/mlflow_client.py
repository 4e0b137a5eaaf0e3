"""Works against a server with MLflow's own Python client, and says check by check what came of it.

usage: mlflow_client.py URL GOVERNED    GOVERNED: name of a model that the project defines
"""
import base64
import filecmp
import json
import math
import os
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
warnings.filterwarnings("ignore")

import lightgbm  # noqa: E402
import mlflow  # noqa: E402
import numpy  # noqa: E402
import onnx  # noqa: E402
import pandas  # noqa: E402
import requests  # noqa: E402
import xgboost  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelStatus, Metric, Param, RunTag, ViewType  # noqa: E402
from mlflow.exceptions import MlflowException, RestException  # noqa: E402
from skl2onnx import to_onnx  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

url, governed = sys.argv[1:3]
mlflow.set_tracking_uri(url)
client = MlflowClient()
results = []
calls = 0

send = requests.Session.send


def counted(*args, **kwargs):
    global calls
    calls += 1
    return send(*args, **kwargs)


requests.Session.send = counted


def check(name, *cases):
    def run(work):
        for case in cases or [None]:
            told = name if case is None else f"{name}: {case[0] if isinstance(case, tuple) else case}"
            try:
                work() if case is None else work(*case) if isinstance(case, tuple) else work(case)
                results.append({"name": told})
            except BaseException as error:  # noqa: BLE001
                place = error.__traceback__.tb_next
                results.append({"name": told, "failed": f"{type(error).__name__}: {error} (line {place and place.tb_lineno})"})
        return work

    return run


def refused(code, work, *words):
    try:
        work()
    except MlflowException as error:
        assert error.error_code == code, f"{error.error_code}: {error}"
        for word in words:
            assert word in str(error), f"'{word}' is not in: {error}"
    else:
        raise AssertionError(f"nothing was refused; {code} was expected")


def post(path, body, method="POST", **rest):
    return requests.request(method, f"{url}/api/2.0/mlflow/{path}", json=body, timeout=30, **rest)


def names(found):
    return [one.name for one in found]


MISSING = "RESOURCE_DOES_NOT_EXIST"
INVALID = "INVALID_PARAMETER_VALUE"
EXISTS = "RESOURCE_ALREADY_EXISTS"
DENIED = "PERMISSION_DENIED"

# Experiments.


@check("the default experiment is there, and runs go there when none is named")
def _():
    assert client.get_experiment("0").name == "Default"
    with mlflow.start_run() as run:
        pass
    assert client.get_run(run.info.run_id).info.experiment_id == "0"
    assert client.get_run(run.info.run_id).info.status == "FINISHED"


@check("an experiment is made, found, renamed, deleted and restored")
def _():
    made = client.create_experiment("first", tags={"team": "ops"})
    found = client.get_experiment_by_name("first")
    assert found.experiment_id == made and found.tags == {"team": "ops"} and found.lifecycle_stage == "active"
    assert found.artifact_location == f"mlflow-artifacts:/{made}"
    assert abs(found.creation_time - time.time() * 1000) < 60_000
    client.rename_experiment(made, "renamed")
    assert client.get_experiment(made).name == "renamed" and client.get_experiment_by_name("first") is None
    client.delete_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "deleted"
    refused(MISSING, lambda: client.delete_experiment(made))
    refused(EXISTS, lambda: client.create_experiment("renamed"), "deleted")
    refused(INVALID, lambda: client.set_experiment_tag(made, "a", "b"))
    client.restore_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "active"


@check("tags of experiments are set, replaced and taken away")
def _():
    made = client.create_experiment("tagged")
    client.set_experiment_tag(made, "data", "one")
    client.set_experiment_tag(made, "data", "two\nlines")
    assert client.get_experiment(made).tags == {"data": "two\nlines"}
    client.delete_experiment_tag(made, "data")
    assert client.get_experiment(made).tags == {}


@check("an experiment that cannot be is refused")
def _():
    client.create_experiment("twice")
    refused(EXISTS, lambda: client.create_experiment("twice"), "already exists")
    refused(MISSING, lambda: client.get_experiment("123456789"))
    refused(MISSING, lambda: client.delete_experiment("123456789"))
    refused(INVALID, lambda: client.get_experiment("none"))
    assert client.get_experiment_by_name("nobody made it") is None
    assert post("experiments/create", {"name": ""}).status_code == 400
    assert post("experiments/create", {"name": "x" * 501}).status_code == 400


searched = [client.create_experiment(f"search {letter}", tags={"letter": letter, "kind": "searched"}) for letter in "abcde"]


@check(
    "experiments are searched by a filter",
    ("tags.kind = 'searched'", "abcde"),
    ("name = 'search a'", "a"),
    ("name LIKE 'search %' AND tags.letter != 'a'", "bcde"),
    ("name ILIKE 'SEARCH B'", "b"),
    ("name LIKE 'SEARCH B'", ""),
    ("attribute.name = 'search c' AND tag.letter = 'c'", "c"),
    ("tags.letter ILIKE 'D'", "d"),
    ("creation_time > 0 AND tags.kind = 'searched'", "abcde"),
)
def _(text, letters):
    found = client.search_experiments(filter_string=text, order_by=["name ASC"])
    assert names(found) == [f"search {letter}" for letter in letters], names(found)


@check("experiments come in pages, in the order asked for, deleted ones when asked for")
def _():
    got, token = [], None
    while True:
        page = client.search_experiments(filter_string="tags.kind = 'searched'", max_results=2, order_by=["name DESC"], page_token=token)
        got += names(page)
        token = page.token
        if not token:
            break
    assert got == [f"search {letter}" for letter in "edcba"], got
    client.delete_experiment(searched[0])
    kept = "tags.kind = 'searched'"
    assert len(client.search_experiments(filter_string=kept)) == 4
    assert names(client.search_experiments(filter_string=kept, view_type=ViewType.DELETED_ONLY)) == ["search a"]
    assert len(client.search_experiments(filter_string=kept, view_type=ViewType.ALL)) == 5


@check("a search that is none is refused", "name LIKE", "tags.kind = searched", "nothing = 'x'", "name = 'a' OR name = 'b'")
def _(text):
    refused(INVALID, lambda: client.search_experiments(filter_string=text))


# Runs.


@check("a run keeps what is logged of it")
def _():
    mlflow.set_experiment("runs")
    with mlflow.start_run(run_name="one", description="what for") as run:
        mlflow.log_param("depth", 6)
        mlflow.log_params({"rate": 0.1, "name": "gbdt", "empty": ""})
        mlflow.log_metric("auc", 0.75, step=1)
        mlflow.log_metrics({"auc": 0.8, "loss": 0.4}, step=2)
        mlflow.set_tag("team", "ops")
        mlflow.set_tags({"a": 1, "long": "x" * 5000})
    read = client.get_run(run.info.run_id)
    assert read.data.params == {"depth": "6", "rate": "0.1", "name": "gbdt", "empty": ""}
    assert read.data.metrics == {"auc": 0.8, "loss": 0.4}
    assert read.data.tags["team"] == "ops" and read.data.tags["a"] == "1" and len(read.data.tags["long"]) == 5000
    assert read.data.tags["mlflow.note.content"] == "what for" and read.info.run_name == "one"
    assert read.info.status == "FINISHED" and read.info.end_time >= read.info.start_time
    assert read.info.artifact_uri == f"mlflow-artifacts:/{read.info.experiment_id}/{read.info.run_id}/artifacts"


@check("a run that fails says so, and nested runs know their parent")
def _():
    try:
        with mlflow.start_run() as outer:
            with mlflow.start_run(nested=True) as inner:
                pass
            raise KeyError("broken")
    except KeyError:
        pass
    assert client.get_run(outer.info.run_id).info.status == "FAILED"
    assert client.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"] == outer.info.run_id
    assert client.get_parent_run(inner.info.run_id).info.run_id == outer.info.run_id


@check("a parameter stands, and may be said again")
def _():
    run = client.create_run("0").info.run_id
    client.log_param(run, "depth", 6)
    client.log_param(run, "depth", 6)
    refused(INVALID, lambda: client.log_param(run, "depth", 7), "Changing param values is not allowed")
    client.log_batch(run, params=[Param("depth", "6"), Param("rate", "0.1")])
    refused(INVALID, lambda: client.log_batch(run, params=[Param("depth", "8"), Param("other", "1")]))
    assert client.get_run(run).data.params == {"depth": "6", "rate": "0.1"}


@check("metrics keep their history, and the last by step, time and value is told")
def _():
    run = client.create_run("0").info.run_id
    points = [(3, 10, 0.3), (1, 30, 0.9), (3, 20, 0.1), (3, 20, 0.2), (2, 40, 0.8), (-1, 50, 5.0)]
    for step, timestamp, value in points:
        client.log_metric(run, "m", value, timestamp=timestamp, step=step)
    history = client.get_metric_history(run, "m")
    assert sorted((p.step, p.timestamp, p.value) for p in history) == sorted(points)
    assert client.get_run(run).data.metrics["m"] == 0.2
    assert client.get_metric_history(run, "nothing") == []
    client.log_metric(run, "m", 0.2, timestamp=20, step=3)
    assert len(client.get_metric_history(run, "m")) == len(points)


@check("numbers that JSON lacks are kept")
def _():
    run = client.create_run("0").info.run_id
    for name, value in {"nan": math.nan, "up": math.inf, "down": -math.inf, "tiny": 5e-324, "exact": 0.1 + 0.2}.items():
        client.log_metric(run, name, value)
    got = client.get_run(run).data.metrics
    assert math.isnan(got["nan"]) and got["up"] >= 1.7e308 and got["down"] <= -1.7e308
    assert got["tiny"] == 5e-324 and got["exact"] == 0.1 + 0.2
    assert math.isnan(client.get_metric_history(run, "nan")[0].value)


@check("a long history comes in pages")
def _():
    run = client.create_run("0").info.run_id
    for begin in range(0, 3000, 1000):
        client.log_batch(run, metrics=[Metric("m", step * 0.5, 1000 + step, step) for step in range(begin, begin + 1000)])
    history = client.get_metric_history(run, "m")
    assert [p.step for p in history] == list(range(3000)) and history[-1].value == 1499.5
    got, token = [], None
    while True:
        query = {"run_id": run, "metric_key": "m", "max_results": 700, **({"page_token": token} if token else {})}
        page = requests.get(f"{url}/api/2.0/mlflow/metrics/get-history", params=query, timeout=30).json()
        got += [metric["step"] for metric in page["metrics"]]
        token = page.get("next_page_token")
        if not token:
            break
    assert got == list(range(3000))


@check(
    "a batch is taken as a whole or not at all",
    ("metrics", {"metrics": [{"key": f"m{i}", "value": 1, "timestamp": 1} for i in range(1001)]}),
    ("params", {"params": [{"key": f"p{i}", "value": "1"} for i in range(101)]}),
    ("tags", {"tags": [{"key": f"t{i}", "value": "1"} for i in range(101)]}),
    ("in all", {"metrics": [{"key": f"m{i}", "value": 1, "timestamp": 1} for i in range(950)], "params": [{"key": f"p{i}", "value": "1"} for i in range(60)]}),
    ("key", {"params": [{"key": "fine", "value": "1"}, {"key": "k" * 251, "value": "1"}]}),
    ("characters", {"metrics": [{"key": "fine", "value": 1, "timestamp": 1}, {"key": "a<b", "value": 1, "timestamp": 1}]}),
    ("no key", {"metrics": [{"value": 1, "timestamp": 1}]}),
    ("no value", {"metrics": [{"key": "m", "timestamp": 1}]}),
    ("no time", {"metrics": [{"key": "m", "value": 1}]}),
    ("twice", {"params": [{"key": "p", "value": "1"}, {"key": "p", "value": "2"}]}),
    ("path", {"tags": [{"key": "../up", "value": "1"}]}),
)
def _(_name, body):
    run = client.create_run("0").info.run_id
    answer = post("runs/log-batch", {"run_id": run, **body})
    assert answer.status_code == 400 and answer.json()["error_code"] == INVALID, answer.text
    read = client.get_run(run)
    assert read.data.params == {} and read.data.metrics == {} and set(read.data.tags) == {"mlflow.runName"}, read.data


@check("the largest batch is taken")
def _():
    run = client.create_run("0").info.run_id
    client.log_batch(run, metrics=[Metric(f"m{i}", i, 1, 0) for i in range(800)], params=[Param(f"p{i}", "v" * 6000) for i in range(100)], tags=[RunTag(f"t{i}", "v") for i in range(100)])
    read = client.get_run(run)
    assert len(read.data.metrics) == 800 and len(read.data.params) == 100 and len(read.data.params["p0"]) == 6000
    client.log_param(run, "k" * 250, "longest")


@check("tags of runs are set, replaced and taken away")
def _():
    run = client.create_run("0", tags={"at": "start"}).info.run_id
    client.set_tag(run, "a", "1")
    client.set_tag(run, "a", "2")
    assert client.get_run(run).data.tags["a"] == "2" and client.get_run(run).data.tags["at"] == "start"
    client.delete_tag(run, "a")
    assert "a" not in client.get_run(run).data.tags
    refused(MISSING, lambda: client.delete_tag(run, "a"), "No tag with name: a")


@check("a run is renamed, ended, deleted and restored")
def _():
    run = client.create_run("0", run_name="before").info.run_id
    client.update_run(run, name="after")
    client.set_terminated(run, "KILLED", end_time=5)
    read = client.get_run(run)
    assert read.info.run_name == "after" and read.info.status == "KILLED" and read.info.end_time == 5
    client.delete_run(run)
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    refused(INVALID, lambda: client.log_metric(run, "m", 1), "must be in the 'active' state")
    refused(INVALID, lambda: client.set_tag(run, "m", "1"))
    client.restore_run(run)
    client.log_metric(run, "m", 1)
    assert client.get_run(run).info.lifecycle_stage == "active"


@check("a run that is not there is told so")
def _():
    nowhere = "0" * 32
    refused(MISSING, lambda: client.get_run(nowhere), f"Run with id={nowhere} not found")
    refused(MISSING, lambda: client.log_metric(nowhere, "m", 1))
    refused(MISSING, lambda: client.log_batch(nowhere, params=[Param("a", "b")]))
    refused(MISSING, lambda: client.set_terminated(nowhere))
    refused(MISSING, lambda: client.create_run("987654321"))


sought = client.create_experiment("sought")
other = client.create_experiment("sought elsewhere")
for number in range(12):
    made = client.create_run(sought, start_time=1000 + number, run_name=f"run {number:02}", tags={"parity": "odd" if number % 2 else "even", "with space": "x"})
    client.log_batch(
        made.info.run_id,
        metrics=[Metric("auc", number / 10, 1, 0), *([Metric("rare", 1.0, 1, 0)] if number == 3 else [])],
        params=[Param("depth", str(number % 3)), Param("Name", f"Model {number}")],
    )
    if number >= 10:
        client.set_terminated(made.info.run_id, "FAILED" if number == 10 else "FINISHED", end_time=9000 + number)
third = client.search_runs([sought], "attributes.run_name = 'run 03'")[0]


@check(
    "runs are searched by a filter",
    ("", range(12)),
    ("metrics.auc > 0.85", [9, 10, 11]),
    ("metrics.auc >= 0.9 AND metrics.auc < 1.1", [9, 10]),
    ("metrics.auc = 0.5", [5]),
    ("metrics.auc != 0.5 AND metrics.auc <= 0.6", [0, 1, 2, 3, 4, 6]),
    ("metrics.`auc` > 1e0", [11]),
    ('metrics."auc" > -1', range(12)),
    ("metrics.rare = 1", [3]),
    ("metric.auc > 1", [11]),
    ("metrics.nothing > 0", []),
    ("params.depth = '2'", [2, 5, 8, 11]),
    ("params.depth != '2' AND tags.parity = 'odd'", [1, 3, 7, 9]),
    ("param.Name LIKE 'Model 1%'", [1, 10, 11]),
    ("params.Name LIKE 'model 1%'", []),
    ("params.Name ILIKE 'model 1_'", [10, 11]),
    ("params.`Name` = \"Model 4\"", [4]),
    ("tags.parity = 'even' and params.depth = '0'", [0, 6]),
    ("tags.`with space` = 'x' AND metrics.auc < 0.2", [0, 1]),
    ("tag.parity != 'even'", [1, 3, 5, 7, 9, 11]),
    ("attributes.status = 'FAILED'", [10]),
    ("status = 'FINISHED'", [11]),
    ("attributes.status != 'RUNNING'", [10, 11]),
    ("attributes.start_time >= 1010", [10, 11]),
    ("start_time < 1002", [0, 1]),
    ("attribute.end_time = 9011", [11]),
    ("run_name LIKE 'run 0%' AND metrics.auc > 0.7", [8, 9]),
    ("attributes.`run_name` ILIKE 'RUN 01'", [1]),
    (f"attributes.run_id = '{third.info.run_id}'", [3]),
    (f"run_id IN ('{third.info.run_id}', 'none')", [3]),
    (f"attributes.run_id NOT IN ('{third.info.run_id}') AND metrics.auc < 0.5", [0, 1, 2, 4]),
    (f"artifact_uri LIKE '%{third.info.run_id}%'", [3]),
)
def _(text, numbers):
    found = client.search_runs([sought], text, order_by=["start_time ASC"])
    assert [run.info.run_name for run in found] == [f"run {number:02}" for number in numbers], [r.info.run_name for r in found]


@check(
    "runs come in an order",
    ("newest first", [], range(11, -1, -1)),
    ("by metric", ["metrics.auc ASC"], range(12)),
    ("by metric, down", ["metrics.auc DESC"], range(11, -1, -1)),
    ("by parameter, then metric", ["params.depth DESC", "metrics.auc ASC"], [2, 5, 8, 11, 1, 4, 7, 10, 0, 3, 6, 9]),
    ("by tag, then time", ["tags.parity", "attribute.start_time DESC"], [10, 8, 6, 4, 2, 0, 11, 9, 7, 5, 3, 1]),
    ("what lacks it last", ["metrics.rare ASC", "start_time ASC"], [3, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]),
    ("by name", ["attributes.run_name DESC"], range(11, -1, -1)),
)
def _(_name, order, numbers):
    found = client.search_runs([sought], order_by=order)
    assert [run.info.run_name for run in found] == [f"run {number:02}" for number in numbers], [r.info.run_name for r in found]
    got, token = [], None
    while True:
        page = client.search_runs([sought], order_by=order, max_results=5, page_token=token)
        got += [run.info.run_name for run in page]
        token = page.token
        if not token:
            break
    assert got == [run.info.run_name for run in found], got


@check("runs of several experiments are found together, and deleted ones when asked for")
def _():
    client.create_run(other, start_time=5000)
    assert len(client.search_runs([sought, other])) == 13
    gone = client.create_run(other).info.run_id
    client.delete_run(gone)
    assert len(client.search_runs([other])) == 1
    assert [run.info.run_id for run in client.search_runs([other], run_view_type=ViewType.DELETED_ONLY)] == [gone]
    assert len(client.search_runs([other], run_view_type=ViewType.ALL)) == 2
    assert client.search_runs(["987654321"]) == []
    frame = mlflow.search_runs([sought], filter_string="metrics.auc > 0.85")
    assert sorted(frame["metrics.auc"]) == [0.9, 1.0, 1.1] and "params.depth" in frame and "tags.parity" in frame


@check(
    "a search of runs that is none is refused",
    *["metrics.auc > 'a'", "metrics.auc LIKE '1'", "params.depth > '1'", "params.depth = 1", "what.is = 'x'", "attributes.nothing = 'x'", "metrics.auc", "metrics.auc > 1 OR metrics.auc < 0", "= 1", "tags.a = 'x", "start_time = 'x'", "metrics.auc > 1;"],
)
def _(text):
    refused(INVALID, lambda: client.search_runs([sought], text))


@check("an order or a page that is none is refused")
def _():
    refused(INVALID, lambda: client.search_runs([sought], order_by=["nothing ASC"]))
    refused(INVALID, lambda: client.search_runs([sought], order_by=["metrics.auc SIDEWAYS"]))
    refused(INVALID, lambda: client.search_runs([sought], page_token="none"))
    refused(INVALID, lambda: client.search_runs([sought], max_results=50_001))
    assert post("runs/search", {"experiment_ids": [sought], "max_results": 50_001}).status_code == 400
    assert post("runs/search", {"experiment_ids": sought}).status_code == 400


@check("datasets are kept with what runs used them for")
def _():
    frame = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    with mlflow.start_run(experiment_id=other) as run:
        mlflow.log_input(mlflow.data.from_pandas(frame, source="orders.csv", name="orders"), context="training")
    read = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert len(read) == 1 and read[0].dataset.name == "orders" and read[0].tags[0].value == "training"
    assert "long" in read[0].dataset.schema or "a" in read[0].dataset.schema
    made = client.create_run(other).info.run_id
    client.log_inputs(made, [DatasetInput(Dataset("returns", "d1", "local", "returns.csv"), [InputTag("mlflow.data.context", "test")])])
    for text, expected in {"datasets.name = 'orders'": run.info.run_id, "dataset.digest = 'd1'": made, "datasets.context = 'test'": made}.items():
        assert [found.info.run_id for found in client.search_runs([other], text)] == [expected], text


@check("a run without a name gets one, and without a user the caller's")
def _():
    made = client.create_run("0")
    assert made.info.run_name and made.data.tags["mlflow.runName"] == made.info.run_name
    assert made.info.user_id == "unknown"
    header = {"authorization": "Basic " + base64.b64encode(b"grace:secret").decode()}
    answer = post("runs/create", {"experiment_id": "0"}, headers=header).json()
    assert answer["run"]["info"]["user_id"] == "grace", answer


# Artifacts.

artifacts_run = client.create_run(client.create_experiment("artifacts")).info
run_id = artifacts_run.run_id


@check("texts, objects and files come back as they were")
def _():
    client.log_text(run_id, "some words: ü 漢", "words/note.txt")
    client.log_dict(run_id, {"a": [1, 2]}, "object.json")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "deep" / "er").mkdir(parents=True)
        (Path(folder) / "deep" / "er" / "bytes.bin").write_bytes(bytes(range(256)) * 100)
        (Path(folder) / "empty").write_bytes(b"")
        (Path(folder) / "name with space & ü.csv").write_text("a,b\n")
        client.log_artifacts(run_id, folder, "tree")
        client.log_artifact(run_id, str(Path(folder) / "empty"))
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/words/note.txt") == "some words: ü 漢"
    assert mlflow.artifacts.load_dict(f"{artifacts_run.artifact_uri}/object.json") == {"a": [1, 2]}
    with tempfile.TemporaryDirectory() as folder:
        client.download_artifacts(run_id, "tree", folder)
        got = Path(folder) / "tree"
        assert (got / "deep" / "er" / "bytes.bin").read_bytes() == bytes(range(256)) * 100
        assert (got / "empty").read_bytes() == b"" and (got / "name with space & ü.csv").read_text() == "a,b\n"


@check("folders list what they hold")
def _():
    listed = {info.path: (info.is_dir, info.file_size) for info in client.list_artifacts(run_id)}
    assert listed == {"empty": (False, 0), "object.json": (False, listed["object.json"][1]), "tree": (True, None), "words": (True, None)}, listed
    assert [info.path for info in client.list_artifacts(run_id, "tree")] == ["tree/deep", "tree/empty", "tree/name with space & ü.csv"]
    assert [info.path for info in client.list_artifacts(run_id, "tree/deep/er")] == ["tree/deep/er/bytes.bin"]
    assert client.list_artifacts(run_id, "tree/empty") == [] and client.list_artifacts(run_id, "nothing") == []
    rest = requests.get(f"{url}/api/2.0/mlflow/artifacts/list", params={"run_id": run_id, "path": "tree"}, timeout=30).json()
    assert rest["root_uri"] == artifacts_run.artifact_uri and rest["files"][0] == {"path": "tree/deep", "is_dir": True}


@check("an artifact is replaced and taken away")
def _():
    client.log_text(run_id, "first", "again.txt")
    client.log_text(run_id, "second", "again.txt")
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/again.txt") == "second"
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repository = get_artifact_repository(artifacts_run.artifact_uri)
    repository.delete_artifacts("again.txt")
    repository.delete_artifacts("tree/deep")
    assert "again.txt" not in {info.path for info in client.list_artifacts(run_id)}
    assert "tree/deep" not in {info.path for info in client.list_artifacts(run_id, "tree")}


@check("800 MB go up and down unchanged, though no answer may take longer than ten seconds")
def _():
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = "10"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.bin"
        with path.open("wb") as file:
            for block in range(100):
                file.write(numpy.random.default_rng(block).bytes(8 << 20))
        client.log_artifact(run_id, str(path))
        got = client.download_artifacts(run_id, "large.bin", tempfile.mkdtemp(dir=folder))
        assert filecmp.cmp(path, got, shallow=False)
    del os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"]


@check("a path cannot leave its place", "../up", "%2e%2e/up", "a/%2e%2e/%2e%2e/%2e%2e/up", "%2fetc/passwd", "a%5c..%5cb", "%252e%252e/up")
def _(path):
    for method in ("GET", "PUT", "DELETE"):
        request = requests.Request(method, url, data=b"x" if method == "PUT" else None).prepare()
        request.url = f"{url}/api/2.0/mlflow-artifacts/artifacts/{path}"
        with requests.Session() as session:
            answer = session.send(request, timeout=30)
        assert answer.status_code in (400, 404), (method, answer.status_code)
    assert requests.get(f"{url}/api/2.0/mlflow-artifacts/artifacts", params={"path": path}, timeout=30).status_code == 400


@check("an artifact that is not there is told so")
def _():
    answer = requests.get(f"{url}/api/2.0/mlflow-artifacts/artifacts/0/none", timeout=30)
    assert answer.status_code == 404 and answer.json()["error_code"] == MISSING


# Models of runs.

rows = numpy.random.default_rng(3).normal(size=(400, 5)).astype(numpy.float32)
labels = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0).astype(int)
frame = pandas.DataFrame(rows, columns=[f"f{i}" for i in range(5)])
linear = LogisticRegression().fit(frame, labels)
forest = RandomForestClassifier(20, max_depth=4, random_state=1).fit(frame, labels)
graph = to_onnx(forest, rows[:1], target_opset=15, options={"zipmap": False})
light = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, lightgbm.Dataset(frame, labels), 20)
extreme = xgboost.train({"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(frame, labels), 20)
flavours = {
    "sklearn": (mlflow.sklearn, linear, lambda model: model.predict_proba(frame)[:, 1], ["scikit-learn"]),
    "onnx": (mlflow.onnx, graph, lambda model: model.SerializeToString(), ["onnx", "onnxruntime"]),
    "lightgbm": (mlflow.lightgbm, light, lambda model: model.predict(frame), ["lightgbm"]),
    "xgboost": (mlflow.xgboost, extreme, lambda model: model.predict(xgboost.DMatrix(frame)), ["xgboost"]),
}
model_experiment = mlflow.set_experiment("models").experiment_id


@check("a model is logged, registered, found by its alias, loaded, and predicts the same", "sklearn", "onnx", "lightgbm", "xgboost")
def _(flavour):
    kind, model, ask, packages = flavours[flavour]
    name = f"{flavour} model"
    with mlflow.start_run() as run:
        info = kind.log_model(model, name="model", registered_model_name=name, pip_requirements=packages)
    version = client.get_model_version(name, 1)
    assert version.status == "READY" and version.source == f"models:/{info.model_id}", version
    client.set_registered_model_alias(name, "best", 1)
    for uri in (info.model_uri, f"runs:/{run.info.run_id}/model", f"models:/{name}/1", f"models:/{name}@best", f"models:/{name}/latest"):
        again = ask(kind.load_model(uri))
        assert again == ask(model) if isinstance(again, bytes) else numpy.array_equal(again, ask(model)), uri
    predicted = mlflow.pyfunc.load_model(f"models:/{name}@best").predict(rows if flavour == "onnx" else frame)
    expected = mlflow.pyfunc.load_model(info.model_uri).predict(rows if flavour == "onnx" else frame)
    assert str(predicted) == str(expected)
    logged = client.get_logged_model(info.model_id)
    assert logged.status == LoggedModelStatus.READY and logged.source_run_id == run.info.run_id
    assert [output.model_id for output in client.get_run(run.info.run_id).outputs.model_outputs] == [info.model_id]
    assert {"MLmodel"} <= {file.path.rsplit("/", 1)[-1] for file in client.list_logged_model_artifacts(info.model_id)}


@check("a model with a signature and an example keeps them")
def _():
    signature = mlflow.models.infer_signature(frame, linear.predict(frame))
    info = mlflow.sklearn.log_model(linear, name="signed", signature=signature, input_example=frame[:2], pip_requirements=["scikit-learn"])
    assert mlflow.models.get_model_info(info.model_uri).signature == signature
    mlflow.end_run()


@check("a logged model begins, is finished, tagged, found and deleted")
def _():
    made = client.create_logged_model(model_experiment, name="by-hand", tags={"a": "b"}, params={"depth": "3"}, model_type="classifier")
    assert made.status == LoggedModelStatus.PENDING and made.tags["a"] == "b" and made.params == {"depth": "3"}
    mlflow.log_model_params({"rate": "0.1"}, model_id=made.model_id)
    assert client.get_logged_model(made.model_id).params == {"depth": "3", "rate": "0.1"}
    done = client.finalize_logged_model(made.model_id, LoggedModelStatus.READY)
    assert done.status == LoggedModelStatus.READY and done.last_updated_timestamp >= made.creation_timestamp
    client.set_logged_model_tags(made.model_id, {"c": "d"})
    client.delete_logged_model_tag(made.model_id, "a")
    assert client.get_logged_model(made.model_id).tags["c"] == "d" and "a" not in client.get_logged_model(made.model_id).tags
    refused(MISSING, lambda: client.delete_logged_model_tag(made.model_id, "a"))
    client.delete_logged_model(made.model_id)
    refused(MISSING, lambda: client.get_logged_model(made.model_id))
    refused(MISSING, lambda: client.get_logged_model("m-" + "0" * 32))
    refused(INVALID, lambda: client.create_logged_model(model_experiment, name="a/b"))


@check("logged models are searched, ordered and paged")
def _():
    experiment = client.create_experiment("logged models")
    for number in range(7):
        run = client.create_run(experiment).info.run_id
        made = client.create_logged_model(experiment, name=f"candidate-{number}", params={"depth": str(number)}, tags={"even": str(number % 2 == 0)}, source_run_id=run)
        client.log_metric(run, "auc", number / 10, model_id=made.model_id)
    find = lambda text, **rest: names(client.search_logged_models([experiment], filter_string=text, **rest))  # noqa: E731
    assert find("name = 'candidate-3'") == ["candidate-3"]
    assert sorted(find("params.depth = '2'")) == ["candidate-2"]
    assert sorted(find("metrics.auc > 0.45")) == ["candidate-5", "candidate-6"]
    assert sorted(find("tags.even = 'True' AND metrics.auc < 0.3")) == ["candidate-0", "candidate-2"]
    assert find(None, order_by=[{"field_name": "metrics.auc", "ascending": False}])[:2] == ["candidate-6", "candidate-5"]
    got, token = [], None
    while True:
        page = client.search_logged_models([experiment], max_results=3, order_by=[{"field_name": "creation_timestamp", "ascending": True}], page_token=token)
        got += names(page)
        token = page.token
        if not token:
            break
    assert sorted(got) == [f"candidate-{number}" for number in range(7)], got


@check("scikit-learn logs by itself when it is told to")
def _():
    mlflow.sklearn.autolog(log_models=False, silent=True)
    try:
        with mlflow.start_run() as run:
            LogisticRegression(C=0.5).fit(rows, labels)
    finally:
        mlflow.sklearn.autolog(disable=True)
    read = client.get_run(run.info.run_id)
    assert read.data.params["C"] == "0.5" and "training_score" in read.data.metrics


# Registered models.


@check("a name is registered, described, tagged, renamed and deleted")
def _():
    made = client.create_registered_model("named", tags={"a": 1}, description="what for")
    assert made.description == "what for" and made.tags == {"a": "1"} and made.latest_versions == []
    refused(EXISTS, lambda: client.create_registered_model("named"), "already exists")
    client.update_registered_model("named", "better said")
    client.set_registered_model_tag("named", "b", "2")
    client.set_registered_model_tag("named", "a", "3")
    client.delete_registered_model_tag("named", "b")
    read = client.get_registered_model("named")
    assert read.description == "better said" and read.tags == {"a": "3"}
    assert read.last_updated_timestamp >= read.creation_timestamp
    client.rename_registered_model("named", "named anew")
    refused(MISSING, lambda: client.get_registered_model("named"), "Registered Model with name=named not found")
    client.delete_registered_model("named anew")
    refused(MISSING, lambda: client.get_registered_model("named anew"))
    refused(MISSING, lambda: client.rename_registered_model("named anew", "x"))


@check("a name that is none is refused", "", "a/b", "a:b")
def _(name):
    refused(INVALID, lambda: client.create_registered_model(name))


def version_of(name, **rest):
    run = client.create_run("0").info.run_id
    return client.create_model_version(name, f"runs:/{run}/model", run, **rest)


client.create_registered_model("versioned")


@check("versions count up, are described, tagged, read and deleted; a number is not given again")
def _():
    assert [int(version_of("versioned", tags={"n": str(n)}, description=f"the {n}").version) for n in (1, 2, 3)] == [1, 2, 3]
    read = client.get_model_version("versioned", 2)
    assert read.description == "the 2" and read.tags == {"n": "2"} and read.current_stage == "None" and read.status == "READY"
    client.update_model_version("versioned", 2, "other words")
    client.set_model_version_tag("versioned", 2, "m", "x")
    client.delete_model_version_tag("versioned", "2", "n")
    read = client.get_model_version("versioned", "2")
    assert read.description == "other words" and read.tags == {"m": "x"}
    client.delete_model_version("versioned", 3)
    refused(MISSING, lambda: client.get_model_version("versioned", 3), "Model Version (name=versioned, version=3) not found")
    assert str(version_of("versioned").version) == "4"
    run = client.get_run(client.get_model_version("versioned", 4).run_id).info
    assert client.get_model_version_download_uri("versioned", 4) == f"runs:/{run.run_id}/model"
    client.log_text(run.run_id, "flavors: {}", "model/MLmodel")
    assert client.get_model_version_download_uri("versioned", 4) == f"{run.artifact_uri}/model"


@check("a version that cannot be is refused")
def _():
    run = client.create_run("0").info
    refused(MISSING, lambda: client.create_model_version("nobody", f"runs:/{run.run_id}/model", run.run_id), "Registered Model with name=nobody not found")
    for source in ("/etc/passwd", "file:///etc/passwd", "../up", f"{run.artifact_uri}/../../other", "mlflow-artifacts:/%2e%2e/x", "s3://bucket/../x"):
        refused(INVALID, lambda source=source: client.create_model_version("versioned", source, run.run_id), "Invalid model version source")
    refused(INVALID, lambda: client.create_model_version("versioned", "models:/m-" + "0" * 32, run.run_id))
    refused(INVALID, lambda: client.get_model_version("versioned", "one"))
    refused(MISSING, lambda: client.get_model_version("versioned", 99))
    refused(MISSING, lambda: client.set_model_version_tag("versioned", 99, "a", "b"))
    refused(MISSING, lambda: client.get_model_version("nobody", 1))


@check("aliases stand for versions, move and are taken away")
def _():
    client.set_registered_model_alias("versioned", "best", 1)
    assert str(client.get_model_version_by_alias("versioned", "best").version) == "1"
    client.set_registered_model_alias("versioned", "best", 2)
    client.set_registered_model_alias("versioned", "other", 2)
    assert str(client.get_model_version_by_alias("versioned", "best").version) == "2"
    assert sorted(client.get_model_version("versioned", 2).aliases) == ["best", "other"]
    assert client.get_registered_model("versioned").aliases == {"best": "2", "other": "2"}
    client.delete_registered_model_alias("versioned", "other")
    refused(INVALID, lambda: client.get_model_version_by_alias("versioned", "other"), "Registered model alias other not found")
    refused(MISSING, lambda: client.set_registered_model_alias("versioned", "best", 99))
    for alias in ("latest", "v1", "a b", "", "x" * 300):
        refused(INVALID, lambda alias=alias: client.set_registered_model_alias("versioned", alias, 1))


@check("stages hold versions, and what was there is archived when asked for")
def _():
    client.create_registered_model("staged")
    for _n in range(3):
        version_of("staged")
    assert client.transition_model_version_stage("staged", 1, "Staging").current_stage == "Staging"
    assert client.transition_model_version_stage("staged", 2, "production").current_stage == "Production"
    assert [str(v.version) for v in client.get_latest_versions("staged", ["Staging"])] == ["1"]
    assert {v.current_stage: str(v.version) for v in client.get_latest_versions("staged")} == {"Staging": "1", "Production": "2", "None": "3"}
    client.transition_model_version_stage("staged", 3, "Production", archive_existing_versions=True)
    assert client.get_model_version("staged", 2).current_stage == "Archived"
    client.transition_model_version_stage("staged", 3, "None")
    assert client.get_model_version("staged", 3).current_stage == "None"
    refused(INVALID, lambda: client.transition_model_version_stage("staged", 1, "Nowhere"), "Invalid Model Version stage")
    refused(MISSING, lambda: client.transition_model_version_stage("staged", 9, "Staging"))


for number in range(9):
    client.create_registered_model(f"Seek{number:02}", tags={"half": "low" if number < 5 else "high"})
    for _n in range(1 + number % 2):
        version_of(f"Seek{number:02}", tags={"kind": f"k{number % 3}"})


@check(
    "registered models are searched by a filter",
    ("name LIKE 'Seek%'", range(9)),
    ("name = 'Seek03'", [3]),
    ("name ILIKE 'seek%7'", [7]),
    ("name LIKE 'seek%'", []),
    ("name LIKE 'Seek%' AND tags.half = 'high'", [5, 6, 7, 8]),
    ("tag.half != 'high' AND name != 'Seek00'", [1, 2, 3, 4]),
)
def _(text, numbers):
    assert names(client.search_registered_models(text)) == [f"Seek{number:02}" for number in numbers]


@check("registered models come in pages, in the order asked for")
def _():
    for order, expected in {"name ASC": range(9), "name DESC": range(8, -1, -1), "timestamp DESC": None}.items():
        got, token = [], None
        while True:
            page = client.search_registered_models("name LIKE 'Seek%'", max_results=4, order_by=[order], page_token=token)
            got += names(page)
            token = page.token
            if not token:
                break
        assert sorted(got) == [f"Seek{n:02}" for n in range(9)] if expected is None else got == [f"Seek{n:02}" for n in expected], (order, got)
    refused(INVALID, lambda: client.search_registered_models("nothing = 'x'"))
    refused(INVALID, lambda: client.search_registered_models(max_results=1001))
    refused(INVALID, lambda: client.search_registered_models(order_by=["nothing"]))


@check(
    "versions are searched by a filter",
    ("name = 'Seek03'", 2),
    ("name LIKE 'Seek%'", 13),
    ("name ILIKE 'SEEK%' AND tags.kind = 'k0'", 4),
    ("name LIKE 'Seek%' AND version_number = 2", 4),
    ("name LIKE 'Seek%' AND version_number > 1", 4),
    ("run_id = 'none'", 0),
    ("source_path LIKE 'runs:%' AND name = 'Seek05'", 2),
)
def _(text, count):
    assert len(client.search_model_versions(text)) == count, len(client.search_model_versions(text))


@check("versions come in pages, newest first, and by their run")
def _():
    got, token = [], None
    while True:
        page = client.search_model_versions("name LIKE 'Seek%'", max_results=5, page_token=token, order_by=["name ASC", "version_number ASC"])
        got += [(one.name, int(one.version)) for one in page]
        token = page.token
        if not token:
            break
    assert got == [(f"Seek{n:02}", v) for n in range(9) for v in range(1, 2 + n % 2)], got
    one = client.get_model_version("Seek03", 2)
    found = client.search_model_versions(f"run_id = '{one.run_id}'")
    assert [(v.name, int(v.version)) for v in found] == [("Seek03", 2)]
    assert len(client.search_model_versions(f"run_id IN ('{one.run_id}', 'none')")) == 1


@check("many register at once, and each gets a number of its own")
def _():
    client.create_registered_model("crowded")
    with ThreadPoolExecutor(8) as pool:
        numbers = [int(version.version) for version in pool.map(lambda _: version_of("crowded"), range(24))]
    assert sorted(numbers) == list(range(1, 25)), numbers


@check("many log at once into one run, and nothing is lost")
def _():
    run = client.create_run("0").info.run_id
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: client.log_metric(run, "m", n, timestamp=n, step=n), range(80)))
    assert [p.step for p in client.get_metric_history(run, "m")] == list(range(80))
    assert client.get_run(run).data.metrics["m"] == 79


# Models of the project: the policy holds whatever door is used.


@check("a model of the project is seen, and versions can be logged under it")
def _():
    assert governed in names(client.search_registered_models())
    assert int(version_of(governed).version) >= 1


@check("the alias of what serves moves by promotion alone")
def _():
    number = version_of(governed).version
    refused(DENIED, lambda: client.set_registered_model_alias(governed, "champion", number), "promot")
    refused(DENIED, lambda: client.set_registered_model_alias(governed, "Champion", number))
    refused(DENIED, lambda: client.transition_model_version_stage(governed, number, "Production"))
    assert "champion" not in client.get_registered_model(governed).aliases


@check("a model of the project is neither renamed nor deleted, and keeps its versions")
def _():
    number = version_of(governed).version
    refused(DENIED, lambda: client.delete_registered_model(governed))
    refused(DENIED, lambda: client.rename_registered_model(governed, "mine"))
    refused(DENIED, lambda: client.delete_model_version(governed, number))
    assert client.get_model_version(governed, number).version
    client.set_registered_model_alias(governed, "candidate", number)
    assert str(client.get_model_version_by_alias(governed, "candidate").version) == str(number)


# What the protocol promises to any client.


@check("success is 200 with an object, and numbers are numbers")
def _():
    run = post("runs/create", {"experiment_id": "0", "start_time": "12345678901234", "no such field": 1}).json()["run"]
    assert run["info"]["start_time"] == 12345678901234 and isinstance(run["info"]["experiment_id"], str)
    answer = post("runs/log-metric", {"run_id": run["info"]["run_id"], "key": "m", "value": "NaN", "timestamp": "5", "step": "7"})
    assert answer.status_code == 200 and answer.json() == {}
    metric = post("runs/search", {"experiment_ids": ["0"], "filter": f"run_id = '{run['info']['run_id']}'"}).json()["runs"][0]["data"]["metrics"][0]
    assert metric == {"key": "m", "value": "NaN", "timestamp": 5, "step": 7}, metric
    assert post("registered-models/create", {"name": "raw"}).json()["registered_model"]["name"] == "raw"
    answer = post("registered-models/delete", {"name": "raw"}, method="DELETE")
    assert answer.status_code == 200 and answer.json() == {}
    mirror = requests.get(url + "/ajax-api/2.0/mlflow/experiments/get", params={"experiment_id": "0"}, timeout=30)
    assert mirror.json()["experiment"]["name"] == "Default"


@check(
    "a mistake is told by its code, and never as our fault",
    ("experiments/create", {}, "Missing value for required parameter 'name'"),
    ("experiments/create", {"name": 123}, "Invalid value 123 for parameter 'name'"),
    ("experiments/create", {"name": "n", "tags": "5"}, "Invalid value \"5\" for parameter 'tags'"),
    ("runs/log-metric", {"key": "m", "value": 1, "timestamp": 1}, "Missing value for required parameter 'run_id'"),
    ("runs/log-metric", {"run_id": 31, "key": "m", "value": 1, "timestamp": 1}, "Invalid value 31 for parameter 'run_id'"),
    ("runs/log-metric", {"run_id": "r", "key": "m", "value": 1, "timestamp": "soon"}, "Invalid value \"soon\" for parameter 'timestamp'"),
    ("runs/log-metric", {"run_id": "r", "key": "m", "value": "much", "timestamp": 1}, "parameter 'value'"),
    ("runs/log-metric", {"run_id": "r", "key": None, "value": 1, "timestamp": 1}, "Missing value for required parameter 'key'"),
    ("runs/update", {"run_id": "r", "status": "DANCING"}, "parameter 'status'"),
    ("runs/log-model", {"run_id": "r", "model_json": "{"}, "Malformed model info"),
    ("runs/log-model", {"run_id": "r", "model_json": "{}"}, "Model json is missing mandatory fields"),
    ("runs/log-inputs", {"run_id": "r", "datasets": [{}]}, "dataset"),
    ("registered-models/alias", {"name": "versioned", "version": "1"}, "Missing value for required parameter 'alias'"),
    ("model-versions/create", {"name": "versioned"}, "Missing value for required parameter 'source'"),
)
def _(path, body, words):
    answer = post(path, body)
    assert answer.status_code == 400, answer.status_code
    assert answer.json()["error_code"] == INVALID and words in answer.json()["message"], answer.text


@check("what is no JSON, no object, or declared as something else is refused")
def _():
    for headers, body in (
        ({"content-type": "application/json"}, "{"),
        ({"content-type": "application/json"}, "[1]"),
        ({"content-type": "text/plain"}, "{}"),
        ({"content-type": "application/x-www-form-urlencoded"}, "name=x"),
    ):
        answer = requests.post(f"{url}/api/2.0/mlflow/experiments/create", data=body, headers=headers, timeout=30)
        assert answer.status_code == 400 and answer.json()["error_code"] == INVALID, (body, answer.text)
    answer = post("nothing/here", {})
    assert answer.status_code == 404 and answer.json()["error_code"] == "ENDPOINT_NOT_FOUND"
    foreign = post("experiments/create", {"name": "from a page"}, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403 and foreign.json()["error_code"] == DENIED
    assert client.get_experiment_by_name("from a page") is None


@check("scripts read files by their run and version, and the histories of many runs at once")
def _():
    run = client.create_run("0").info.run_id
    client.log_text(run, "text", "model/notes.txt")
    client.create_registered_model("read by scripts")
    client.create_model_version("read by scripts", f"runs:/{run}/model", run)
    for path, query in (
        ("get-artifact", {"run_id": run, "path": "model/notes.txt"}),
        ("model-versions/get-artifact", {"name": "read by scripts", "version": "1", "path": "notes.txt"}),
    ):
        answer = requests.get(f"{url}/{path}", params=query, timeout=30)
        assert (answer.text, answer.headers["Content-Type"]) == ("text", "text/plain"), (path, answer.text, answer.headers)
        assert answer.headers["Content-Disposition"] == "attachment; filename=notes.txt"
    for step in range(10):
        client.log_metric(run, "m", step, timestamp=1, step=step)
    metrics = f"{url}/ajax-api/2.0/mlflow/metrics"
    whole = requests.get(f"{metrics}/get-history-bulk", params={"run_id": [run, run], "metric_key": "m"}, timeout=30).json()["metrics"]
    assert [point["step"] for point in whole] == list(range(10)) and whole[0]["run_id"] == run, whole
    query = {"run_ids": run, "metric_key": "m", "max_results": 5}
    few = requests.get(f"{metrics}/get-history-bulk-interval", params=query, timeout=30).json()["metrics"]
    assert [point["step"] for point in few] == [0, 2, 4, 6, 9], few


@check("a server says what it is")
def _():
    assert requests.get(url + "/health", timeout=30).text == "OK"
    assert requests.get(url + "/version", timeout=30).status_code == 200
    info = requests.get(url + "/api/3.0/mlflow/server-info", timeout=30).json()
    assert info["workspaces_enabled"] is False


print(json.dumps({"version": mlflow.__version__, "calls": calls, "results": results}))
