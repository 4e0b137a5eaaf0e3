"""MLflow's own SQLite store, over the runs of one of our databases: search_mlflow.py OURS THEIRS SEARCHES ROUNDS RESULTS."""

import json
import os
import resource
import sqlite3
import sys
import time

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore


def copy(ours, theirs):
    """Takes every run over, with what it says, into the tables that the store has made."""
    database = sqlite3.connect(theirs)
    database.execute("ATTACH ? AS ours", (ours,))
    database.executescript("""
        PRAGMA synchronous = OFF;
        BEGIN;
        INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
            SELECT id, name, '/tmp/none', lifecycle, created_ms, updated_ms FROM ours.experiments WHERE id > 0;
        INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
            source_version, lifecycle_stage, artifact_uri, experiment_id)
            SELECT id, name, 'UNKNOWN', '', '', user, status, started_ms, ended_ms, '', lifecycle, '/tmp/none', experiment
            FROM ours.experiment_runs;
        INSERT INTO params (run_uuid, key, value)
            SELECT run.id, said.key, said.value FROM ours.run_params said JOIN ours.experiment_runs run ON run.number = said.run;
        INSERT INTO tags (run_uuid, key, value)
            SELECT run.id, said.key, said.value FROM ours.run_tags said JOIN ours.experiment_runs run ON run.number = said.run;
        INSERT INTO metrics (run_uuid, key, value, timestamp, step, is_nan)
            SELECT run.id, said.key, said.value, said.timestamp_ms, said.step, said.nan
            FROM ours.run_metrics said JOIN ours.experiment_runs run ON run.number = said.run;
        INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan)
            SELECT run.id, said.key, said.value, said.timestamp_ms, said.step, said.nan
            FROM ours.run_latest_metrics said JOIN ours.experiment_runs run ON run.number = said.run;
        COMMIT;
    """)
    database.close()


ours, theirs, searches, rounds, results = sys.argv[1:]
store = SqlAlchemyStore(f"sqlite:///{theirs}", "/tmp/none")
copy(ours, theirs)
found = []
for search in json.loads(searches):
    milliseconds = []
    answer = {"name": search["name"]}
    try:
        for _ in range(int(rounds)):
            began = time.perf_counter()
            runs = store.search_runs(["1"], search.get("filter", ""), ViewType.ACTIVE_ONLY, int(results), search["order_by"])
            milliseconds.append((time.perf_counter() - began) * 1000)
            answer["runs"] = [run.info.run_name for run in runs]
    except MlflowException as refusal:
        answer["refused"] = str(refusal)
    found.append({**answer, "milliseconds": milliseconds})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"found": found, "peak_rss_mb": peak}))
