import { type Kysely, sql } from 'kysely'
import { listTree, treeDigest } from '../../../stores/artifacts/artifact-trees.ts'
import type { MetadataTables } from '../../../stores/metadata/tables.ts'
import { artifactPlace } from '../../api/mlflow/artifact-place.ts'

/** A folder of artifacts that belongs to nothing any more. */
export interface UnusedTree {
  readonly folder: string
  /** Digest of what is in it. */
  readonly digest: string
  readonly files: number
  /** Bytes. */
  readonly size: number
}

interface Owner {
  readonly id: string
  readonly folder: string
  readonly deleted: boolean
}

/**
 * Folders of deleted runs and deleted logged models with anything in them, that nothing else needs: no version that was
 * logged from them, no training of the platform, and no folder of something else that lies in them or around them.
 */
export async function unusedTrees(database: Kysely<MetadataTables>): Promise<readonly UnusedTree[]> {
  const owners = await foldersOf(database)
  if (!owners.some(({ deleted }) => deleted)) return []
  const used = await usedFolders(database, owners)
  const around = new Set([...used].flatMap(withAncestors))
  const trees: UnusedTree[] = []
  for (const { folder, deleted } of owners) {
    if (!deleted || around.has(folder) || withAncestors(folder).some((one) => used.has(one))) continue
    const files = await listTree({ database }, folder)
    if (files.length === 0) continue
    const size = files.reduce((sum, file) => sum + file.size, 0)
    trees.push({ folder, digest: treeDigest(files), files: files.length, size })
  }
  return trees
}

/** Every run and logged model that keeps its artifacts here. Runs of the platform's own trainings are never deleted. */
async function foldersOf(database: Kysely<MetadataTables>): Promise<Owner[]> {
  const { rows } = await sql<{ id: string; uri: string; inside: string; deleted: number }>`
    SELECT run.id, ifnull(experiments.artifact_location, 'mlflow-artifacts:/' || experiments.id) AS uri,
      run.id || '/artifacts' AS inside, run.lifecycle = 'deleted' AND run.training IS NULL AS deleted
    FROM experiment_runs AS run JOIN experiments ON experiments.id = run.experiment
    UNION ALL
    SELECT model.id, ifnull(experiments.artifact_location, 'mlflow-artifacts:/' || experiments.id),
      'models/' || model.id || '/artifacts', model.lifecycle = 'deleted'
    FROM logged_models AS model JOIN experiments ON experiments.id = model.experiment`.execute(database)
  return rows.flatMap((row) => {
    const folder = artifactPlace(`${row.uri.replace(/\/+$/, '')}/${row.inside}`)
    return folder === undefined ? [] : [{ id: row.id, folder, deleted: row.deleted === 1 }]
  })
}

/** Folders of what is there, and of what versions that are there were logged from. */
async function usedFolders(database: Kysely<MetadataTables>, owners: readonly Owner[]): Promise<ReadonlySet<string>> {
  const used = new Set(owners.filter(({ deleted }) => !deleted).map(({ folder }) => folder))
  const folderOf = new Map(owners.map(({ id, folder }) => [id, folder]))
  const versions = await database
    .selectFrom('logged_versions as logged')
    .innerJoin('registered_models as named', 'named.number', 'logged.model')
    .select(['logged.source', 'logged.run', 'logged.logged_model'])
    .where('logged.deleted_at', 'is', null)
    .where('named.deleted_at', 'is', null)
    .execute()
  for (const { source, run, logged_model } of versions) {
    const [, ofRun] = /^runs:\/([^/]+)/.exec(source) ?? []
    const [, ofModel] = /^models:\/([^/@]+)$/.exec(source) ?? []
    const owned = [run, logged_model, ofRun, ofModel].map((id) => folderOf.get(id ?? ''))
    for (const folder of [...owned, artifactPlace(source)]) if (folder !== undefined) used.add(folder)
  }
  const fixed = await database
    .selectFrom('logged_trees as tree')
    .innerJoin('logged_versions as logged', (join) =>
      join.onRef('logged.model', '=', 'tree.model').onRef('logged.version', '=', 'tree.version'),
    )
    .innerJoin('registered_models as named', 'named.number', 'tree.model')
    .select('tree.folder')
    .where('logged.deleted_at', 'is', null)
    .where('named.deleted_at', 'is', null)
    .execute()
  for (const { folder } of fixed) if (folder !== null) used.add(folder)
  return used
}

/** A folder and those that it lies in. */
function withAncestors(folder: string): string[] {
  const names = folder.split('/')
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}
