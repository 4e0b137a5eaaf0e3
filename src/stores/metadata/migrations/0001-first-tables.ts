import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

const settings = `
  CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;`

const definitions = `
  CREATE TABLE definitions (
    digest TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL,
    saved_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('definitions', ['digest'])}
  CREATE TABLE applied_definitions (
    sequence INTEGER PRIMARY KEY,
    digest TEXT NOT NULL REFERENCES definitions,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  ${appendOnly('applied_definitions', ['sequence'])}`

const audit = `
  CREATE TABLE audit_entries (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    reason TEXT,
    before TEXT,
    after TEXT,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_entries_by_target ON audit_entries (target, sequence);
  ${appendOnly('audit_entries', ['sequence'])}`

// A run may change until it has finished, and then never again.
const runs = `
  CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'failed')),
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    parameters TEXT NOT NULL,
    seed INTEGER NOT NULL,
    metrics TEXT,
    data TEXT,
    environment TEXT,
    error TEXT,
    author_name TEXT NOT NULL,
    author_asserted INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_model ON runs (model, number);
  CREATE INDEX runs_by_status ON runs (status, number);
  CREATE TRIGGER runs_end_once BEFORE UPDATE ON runs WHEN OLD.status <> 'running'
    BEGIN SELECT RAISE(ABORT, 'runs: a finished run may not be updated'); END;
  CREATE TRIGGER runs_keep_their_start BEFORE UPDATE OF number, model, kind, started_at, parameters, seed, author_name,
    author_asserted ON runs
    BEGIN SELECT RAISE(ABORT, 'runs: what a run was started with may not be updated'); END;
  CREATE TRIGGER runs_never_deleted BEFORE DELETE ON runs
    BEGIN SELECT RAISE(ABORT, 'runs: no run may be deleted'); END;
  CREATE TRIGGER runs_never_replaced BEFORE INSERT ON runs WHEN EXISTS (SELECT 1 FROM runs WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'runs: no run may be replaced'); END;`

const versions = `
  CREATE TABLE model_versions (
    model TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    digest TEXT NOT NULL,
    variant TEXT NOT NULL CHECK (variant IN ('full', 'without_windows')),
    manifest TEXT NOT NULL,
    attachments TEXT NOT NULL,
    definition_digest TEXT NOT NULL REFERENCES definitions,
    evaluation TEXT NOT NULL,
    gate TEXT,
    run INTEGER NOT NULL REFERENCES runs,
    author_name TEXT NOT NULL,
    author_asserted INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (model, digest)
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('model_versions', ['model', 'version'], ['model', 'digest'])}
  CREATE TABLE version_decisions (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, version, sequence),
    FOREIGN KEY (model, version) REFERENCES model_versions,
    CHECK ((sequence = 1 AND decision IN ('approve', 'reject', 'retire')) OR (sequence = 2 AND decision = 'retire'))
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('version_decisions', ['model', 'version', 'sequence'])}
  CREATE TABLE serving_history (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    version INTEGER NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('promote', 'rollback')),
    reason TEXT,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, sequence),
    FOREIGN KEY (model, version) REFERENCES model_versions
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX serving_history_by_time ON serving_history (model, at, sequence);
  ${appendOnly('serving_history', ['model', 'sequence'])}`

const monitoring = `
  CREATE TABLE alerts (
    number INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    kind TEXT NOT NULL,
    feature TEXT,
    severity TEXT NOT NULL CHECK (severity IN ('page', 'ticket')),
    title TEXT NOT NULL,
    evidence TEXT NOT NULL,
    effect TEXT NOT NULL,
    n INTEGER NOT NULL,
    runbook TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    resolved_at INTEGER,
    acknowledged_by TEXT
  ) STRICT;
  CREATE UNIQUE INDEX alerts_open_once ON alerts (model, kind, ifnull(feature, '')) WHERE resolved_at IS NULL;
  CREATE INDEX alerts_by_model ON alerts (model, number);
  CREATE TABLE monitor_windows (
    number INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('service', 'data', 'prediction', 'outcome')),
    feature TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    window_length INTEGER NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (model, kind, feature, window_start, window_length, version)
  ) STRICT;
  CREATE INDEX monitor_windows_by_time ON monitor_windows (model, kind, window_start, number);`

/** Definitions, audit log, registry, alerts and monitoring windows. Flags are 0 or 1, times microseconds, the rest JSON. */
export const firstTables: Migration = {
  name: 'first tables',
  sql: [settings, definitions, audit, runs, versions, monitoring].join('\n'),
}
