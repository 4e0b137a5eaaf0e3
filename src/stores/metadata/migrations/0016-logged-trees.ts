import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

/** Whether a path is in a folder of files, or is the file, that a version which is there was logged with. */
function isFixed(path: string): string {
  // Folders are looked up among those that begin with the same name: the paths of an experiment.
  return `EXISTS (
    SELECT 1 FROM logged_trees AS tree
      JOIN logged_versions AS logged ON logged.model = tree.model AND logged.version = tree.version
      JOIN registered_models AS named ON named.number = tree.model
    WHERE tree.folder >= substr(${path}, 1, instr(${path} || '/', '/') - 1) AND tree.folder <= ${path}
      AND substr(${path} || '/', 1, length(tree.folder) + 1) = tree.folder || '/'
      AND tree.files > 0 AND logged.deleted_at IS NULL AND named.deleted_at IS NULL)`
}

/** The files that versions were logged with: they stay as they were while the version is there, whoever writes. */
export const loggedTrees: Migration = {
  name: '0016-logged-trees',
  sql: `
  CREATE TABLE logged_trees (
    model INTEGER NOT NULL REFERENCES registered_models,
    version INTEGER NOT NULL,
    folder TEXT,
    digest TEXT,
    files INTEGER NOT NULL,
    PRIMARY KEY (model, version),
    CHECK ((folder IS NULL) = (digest IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX logged_trees_by_folder ON logged_trees (folder) WHERE files > 0;
  ${appendOnly('logged_trees', ['model', 'version'])}
  CREATE TRIGGER artifact_files_of_versions_never_added BEFORE INSERT ON artifact_files WHEN ${isFixed('NEW.path')}
    BEGIN SELECT RAISE(ABORT, 'artifact_files: a version was logged with what is there'); END;
  CREATE TRIGGER artifact_files_of_versions_never_updated BEFORE UPDATE ON artifact_files
    WHEN ${isFixed('OLD.path')} OR ${isFixed('NEW.path')}
    BEGIN SELECT RAISE(ABORT, 'artifact_files: a version was logged with what is there'); END;
  CREATE TRIGGER artifact_files_of_versions_never_deleted BEFORE DELETE ON artifact_files WHEN ${isFixed('OLD.path')}
    BEGIN SELECT RAISE(ABORT, 'artifact_files: a version was logged with what is there'); END;`,
}
