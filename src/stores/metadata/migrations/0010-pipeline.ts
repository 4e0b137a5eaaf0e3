import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

const isOver = `(SELECT status FROM runs WHERE number = OLD.run) <> 'running'`

/** Steps of trainings with their logs, and the rows that versions hold. */
export const pipeline: Migration = {
  name: '0010-pipeline',
  sql: `
  CREATE TABLE pipeline_runs (
    run INTEGER PRIMARY KEY REFERENCES runs,
    request TEXT NOT NULL,
    snapshot TEXT,
    attempts INTEGER NOT NULL
  ) STRICT;
  CREATE TRIGGER pipeline_runs_keep_their_request BEFORE UPDATE OF run, request ON pipeline_runs
    BEGIN SELECT RAISE(ABORT, 'pipeline_runs: what a run was asked for may not be updated'); END;
  CREATE TRIGGER pipeline_runs_keep_their_snapshot BEFORE UPDATE OF snapshot ON pipeline_runs
    WHEN OLD.snapshot IS NOT NULL AND NEW.snapshot IS NOT OLD.snapshot
    BEGIN SELECT RAISE(ABORT, 'pipeline_runs: the data that a run is about may not be updated'); END;
  CREATE TABLE pipeline_steps (
    run INTEGER NOT NULL REFERENCES pipeline_runs,
    step TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'cached', 'skipped', 'failed')),
    key TEXT,
    files TEXT NOT NULL,
    from_run TEXT,
    from_at INTEGER,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (run, step)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER pipeline_steps_end_with_their_run BEFORE UPDATE ON pipeline_steps WHEN ${isOver}
    BEGIN SELECT RAISE(ABORT, 'pipeline_steps: the steps of a finished run may not be updated'); END;
  CREATE TRIGGER pipeline_steps_never_deleted BEFORE DELETE ON pipeline_steps
    BEGIN SELECT RAISE(ABORT, 'pipeline_steps: no step may be deleted'); END;
  CREATE TABLE pipeline_log (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES pipeline_runs,
    at INTEGER NOT NULL,
    step TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX pipeline_log_by_run ON pipeline_log (run, number);
  CREATE TABLE data_holds (
    digest TEXT NOT NULL,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    stream TEXT NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (digest, model, version, stream),
    FOREIGN KEY (model, version) REFERENCES model_versions
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX data_holds_by_version ON data_holds (model, version);
  INSERT OR IGNORE INTO data_holds
    SELECT json_extract(file.value, '$.digest'), model_versions.model, version, stream.key,
      coalesce(json_extract(file.value, '$.rows'), 0)
    FROM model_versions JOIN runs ON runs.number = model_versions.run,
      json_each(runs.data, '$.files') AS stream, json_each(stream.value) AS file
    WHERE runs.data IS NOT NULL AND json_extract(file.value, '$.digest') IS NOT NULL;
  ${appendOnly('data_holds', ['digest', 'model', 'version', 'stream'])}
  `,
}
