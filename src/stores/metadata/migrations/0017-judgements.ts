import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

/** What gates said of versions after these were registered: a gate that is defined otherwise judges them again. */
export const judgements: Migration = {
  name: '0017-judgements',
  sql: `
  CREATE TABLE version_judgements (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    gate TEXT NOT NULL,
    result TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES runs,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, version, sequence),
    FOREIGN KEY (model, version) REFERENCES model_versions
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('version_judgements', ['model', 'version', 'sequence'])}`,
}
