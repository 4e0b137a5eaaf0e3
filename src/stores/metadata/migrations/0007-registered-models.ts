import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

// A name may change, and a model may be deleted once; a row is never taken away, so that no number is given twice.
const registeredModels = `
  CREATE TABLE registered_models (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX registered_models_by_name ON registered_models (name) WHERE deleted_at IS NULL;
  CREATE TRIGGER registered_models_keep_their_start BEFORE UPDATE OF number, by_name, by_asserted, created_at
    ON registered_models
    BEGIN SELECT RAISE(ABORT, 'registered_models: what a model was registered with may not be updated'); END;
  CREATE TRIGGER registered_models_end_once BEFORE UPDATE ON registered_models WHEN OLD.deleted_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'registered_models: a deleted model may not be updated'); END;
  CREATE TRIGGER registered_models_keep_names_apart BEFORE UPDATE OF name ON registered_models
    WHEN EXISTS (SELECT 1 FROM registered_models WHERE name = NEW.name AND number <> NEW.number AND deleted_at IS NULL)
    BEGIN SELECT RAISE(ABORT, 'registered_models: the name is taken'); END;
  CREATE TRIGGER registered_models_never_deleted BEFORE DELETE ON registered_models
    BEGIN SELECT RAISE(ABORT, 'registered_models: no row may be deleted'); END;
  CREATE TRIGGER registered_models_never_replaced BEFORE INSERT ON registered_models
    WHEN EXISTS (SELECT 1 FROM registered_models
      WHERE number = NEW.number OR (name = NEW.name AND NEW.deleted_at IS NULL AND deleted_at IS NULL))
    BEGIN SELECT RAISE(ABORT, 'registered_models: no row may be replaced'); END;
  CREATE TABLE registered_model_tags (
    model INTEGER NOT NULL REFERENCES registered_models,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
  ) STRICT, WITHOUT ROWID;`

// Of a version that was logged, nothing changes but that it may be deleted, once.
const loggedVersions = `
  CREATE TABLE logged_versions (
    model INTEGER NOT NULL REFERENCES registered_models,
    version INTEGER NOT NULL CHECK (version > 0),
    source TEXT NOT NULL,
    run TEXT,
    logged_model TEXT,
    run_link TEXT,
    signature TEXT,
    author_name TEXT NOT NULL,
    author_asserted INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (model, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX logged_versions_by_run ON logged_versions (run) WHERE run IS NOT NULL;
  CREATE TRIGGER logged_versions_keep_their_content BEFORE UPDATE OF model, version, source, run, logged_model, run_link,
    signature, author_name, author_asserted, created_at ON logged_versions
    BEGIN SELECT RAISE(ABORT, 'logged_versions: what was logged may not be updated'); END;
  CREATE TRIGGER logged_versions_end_once BEFORE UPDATE ON logged_versions WHEN OLD.deleted_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'logged_versions: a deleted version may not be updated'); END;
  CREATE TRIGGER logged_versions_never_deleted BEFORE DELETE ON logged_versions
    BEGIN SELECT RAISE(ABORT, 'logged_versions: no row may be deleted'); END;
  CREATE TRIGGER logged_versions_never_replaced BEFORE INSERT ON logged_versions
    WHEN EXISTS (SELECT 1 FROM logged_versions WHERE model = NEW.model AND version = NEW.version)
    BEGIN SELECT RAISE(ABORT, 'logged_versions: no row may be replaced'); END;
  CREATE TABLE version_notes (
    model INTEGER NOT NULL REFERENCES registered_models,
    version INTEGER NOT NULL,
    description TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (model, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE version_tags (
    model INTEGER NOT NULL REFERENCES registered_models,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, version, key)
  ) STRICT, WITHOUT ROWID;`

const aliases = `
  CREATE TABLE alias_changes (
    model INTEGER NOT NULL REFERENCES registered_models,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    alias TEXT NOT NULL,
    version INTEGER,
    reason TEXT,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alias_changes_by_alias ON alias_changes (model, alias, sequence);
  CREATE INDEX alias_changes_by_time ON alias_changes (model, alias, at, sequence);
  ${appendOnly('alias_changes', ['model', 'sequence'])}
  CREATE TABLE version_archivals (
    model INTEGER NOT NULL REFERENCES registered_models,
    version INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
    reason TEXT,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, version, sequence)
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('version_archivals', ['model', 'version', 'sequence'])}`

const approvals = `
  CREATE TABLE version_approvals (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    reason TEXT,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, version, sequence),
    UNIQUE (model, version, by_name),
    FOREIGN KEY (model, version) REFERENCES model_versions
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('version_approvals', ['model', 'version', 'sequence'], ['model', 'version', 'by_name'])}
  INSERT INTO version_approvals (model, version, sequence, reason, by_name, by_asserted, at)
    SELECT model, version, 1, reason, by_name, by_asserted, at FROM version_decisions WHERE decision = 'approve';`

// What directories of before have: models with versions, and those that the definitions in force name.
const present = `
  INSERT INTO registered_models (name, description, by_name, by_asserted, created_at, updated_at)
    SELECT model, '', author_name, author_asserted, created_at, created_at FROM model_versions WHERE version =
      (SELECT min(version) FROM model_versions AS first WHERE first.model = model_versions.model)
    ORDER BY created_at, model;
  INSERT INTO registered_models (name, description, by_name, by_asserted, created_at, updated_at)
    SELECT models.key, '', applied.by_name, applied.by_asserted, applied.at, applied.at
    FROM applied_definitions AS applied JOIN definitions USING (digest), json_each(definitions.content, '$.models') AS models
    WHERE applied.sequence = (SELECT max(sequence) FROM applied_definitions)
      AND models.key NOT IN (SELECT name FROM registered_models);`

/** Names of models, what was logged under them, where their aliases stand and stood, and who approved what. */
export const registeredModelsAndAliases: Migration = {
  name: '0007-registered-models',
  sql: [registeredModels, loggedVersions, aliases, approvals, present].join('\n'),
}
