import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

/** Detached signatures on versions. */
export const signatures: Migration = {
  name: '0013-signatures',
  sql: `
  CREATE TABLE version_signatures (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    bundle TEXT NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, version, sequence),
    FOREIGN KEY (model, version) REFERENCES model_versions
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('version_signatures', ['model', 'version', 'sequence'])}`,
}
