import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

const experiments = `
  CREATE TABLE experiments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    artifact_location TEXT,
    lifecycle TEXT NOT NULL CHECK (lifecycle IN ('active', 'deleted')),
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO experiments VALUES (0, 'Default', NULL, 'active', 0, 0);
  CREATE TABLE experiment_tags (
    experiment INTEGER NOT NULL REFERENCES experiments,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment, key)
  ) STRICT, WITHOUT ROWID;`

// The second index is for searches over several experiments, which have no order of their own in the first.
const runs = `
  CREATE TABLE experiment_runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    experiment INTEGER NOT NULL REFERENCES experiments,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
    user TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    lifecycle TEXT NOT NULL CHECK (lifecycle IN ('active', 'deleted')),
    deleted_with_experiment INTEGER NOT NULL DEFAULT 0,
    training INTEGER UNIQUE REFERENCES runs
  ) STRICT;
  CREATE INDEX experiment_runs_by_experiment ON experiment_runs (experiment, lifecycle, started_ms DESC, id);
  CREATE INDEX experiment_runs_by_start ON experiment_runs (lifecycle, started_ms DESC, id);
  CREATE TABLE run_params (
    run INTEGER NOT NULL REFERENCES experiment_runs,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_params_by_value ON run_params (key, value, run);
  ${appendOnly('run_params', ['run', 'key'])}
  CREATE TABLE run_tags (
    run INTEGER NOT NULL REFERENCES experiment_runs,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_tags_by_value ON run_tags (key, value, run);`

// All columns of a point are its key: a point that is logged twice is there once.
const metrics = `
  CREATE TABLE run_metrics (
    run INTEGER NOT NULL REFERENCES experiment_runs,
    key TEXT NOT NULL,
    step INTEGER NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    value REAL NOT NULL,
    nan INTEGER NOT NULL,
    PRIMARY KEY (run, key, step, timestamp_ms, value, nan)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER run_metrics_never_updated BEFORE UPDATE ON run_metrics
    BEGIN SELECT RAISE(ABORT, 'run_metrics is append-only: no row may be updated'); END;
  CREATE TRIGGER run_metrics_never_deleted BEFORE DELETE ON run_metrics
    BEGIN SELECT RAISE(ABORT, 'run_metrics is append-only: no row may be deleted'); END;
  CREATE TABLE run_latest_metrics (
    run INTEGER NOT NULL REFERENCES experiment_runs,
    key TEXT NOT NULL,
    step INTEGER NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    value REAL NOT NULL,
    nan INTEGER NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_latest_metrics_by_value ON run_latest_metrics (key, nan, value, run);`

const inputs = `
  CREATE TABLE input_datasets (
    number INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL REFERENCES experiments,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source TEXT NOT NULL,
    schema TEXT,
    profile TEXT,
    UNIQUE (experiment, name, digest)
  ) STRICT;
  CREATE INDEX input_datasets_by_digest ON input_datasets (digest);
  CREATE TABLE run_datasets (
    run INTEGER NOT NULL REFERENCES experiment_runs,
    dataset INTEGER NOT NULL REFERENCES input_datasets,
    context TEXT,
    tags TEXT NOT NULL,
    PRIMARY KEY (run, dataset)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_datasets_by_dataset ON run_datasets (dataset, run);
  CREATE TABLE run_models (
    run INTEGER NOT NULL REFERENCES experiment_runs,
    direction TEXT NOT NULL CHECK (direction IN ('input', 'output')),
    model TEXT NOT NULL,
    step INTEGER NOT NULL,
    PRIMARY KEY (run, direction, model, step)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_models_by_model ON run_models (model, direction, run);`

const loggedModels = `
  CREATE TABLE logged_models (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    experiment INTEGER NOT NULL REFERENCES experiments,
    name TEXT NOT NULL,
    model_type TEXT,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'READY', 'FAILED')),
    source_run TEXT,
    lifecycle TEXT NOT NULL CHECK (lifecycle IN ('active', 'deleted')),
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX logged_models_by_experiment ON logged_models (experiment, lifecycle, created_ms DESC, id);
  CREATE INDEX logged_models_by_run ON logged_models (source_run);
  CREATE TABLE logged_model_params (
    model INTEGER NOT NULL REFERENCES logged_models,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('logged_model_params', ['model', 'key'])}
  CREATE TABLE logged_model_tags (
    model INTEGER NOT NULL REFERENCES logged_models,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE logged_model_metrics (
    model INTEGER NOT NULL REFERENCES logged_models,
    key TEXT NOT NULL,
    step INTEGER NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    value REAL NOT NULL,
    nan INTEGER NOT NULL,
    run TEXT NOT NULL,
    dataset_name TEXT NOT NULL,
    dataset_digest TEXT NOT NULL,
    PRIMARY KEY (model, key, dataset_name, dataset_digest, run, step, timestamp_ms, value, nan)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX logged_model_metrics_by_value ON logged_model_metrics (key, value, model);`

/** Experiments, their runs with parameters, metrics and inputs, and the models that runs log. */
export const experimentTables: Migration = {
  name: '0009-experiments',
  sql: [experiments, runs, metrics, inputs, loggedModels].join('\n'),
}
