import { TruelineError } from '../../core/errors.ts'
import { applyDefinitions, definitionsInForce } from '../../governance/applied-definitions.ts'
import type { Identity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { withdrawAliases } from '../../models/registry/withdraw-aliases.ts'
import type { DataDirectory } from '../../stores/directory/directory.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { definitionChanges, mustBeApplied } from './definition-changes.ts'

/** What definitions are kept in, and what was taken by them. */
export interface DefinedStores {
  readonly metadata: Metadata
  readonly log: EventLog
  readonly paths: DataDirectory['paths']
}

export interface SettleOptions {
  /** Takes definitions into force that mean something else than those before. */
  readonly apply: boolean
  readonly by: Identity
  readonly onNote?: ((text: string) => void) | undefined
}

/**
 * Brings a project's definitions into force. What the log's tail holds goes to the lake before they change, by the
 * definitions that it was accepted under.
 * @throws TruelineError `definitions_changed` when they mean something else than those in force, by which something was
 *   taken, and are not to be applied, or when events that are there could not be read by them
 */
export async function settleDefinitions(
  { metadata, log, paths }: DefinedStores,
  project: ProjectDefinition,
  { apply, by, onNote }: SettleOptions,
): Promise<void> {
  const inForce = await definitionsInForce(metadata)
  if (inForce !== undefined) {
    const changes = definitionChanges(inForce.definition, project).filter(mustBeApplied)
    const words = changes.map(({ kind, name, change }) => `${kind} '${name}' ${change}`).join(', ')
    if (changes.length > 0 && !apply && !(await isUnused(metadata, log, inForce.definition)))
      throw new TruelineError('definitions_changed', `The definitions differ from those in force: ${words}.`, {
        path: changes[0]!.name,
      })
    refuseOtherTypes(inForce.definition, project, log)
    if (changes.length > 0) {
      await flushTail(log, paths, inForce.definition)
      onNote?.(`Applied: ${words}.`)
    }
  }
  const withdrawn: string[] = []
  await applyDefinitions(metadata, { definition: project, by }, async (transaction, applied) => {
    withdrawn.push(...(await withdrawAliases(transaction, applied)))
  })
  for (const sentence of withdrawn) onNote?.(sentence)
}

/** No event was ever accepted and no version registered: there is nothing that other definitions would mean anything else by. */
async function isUnused({ database }: Metadata, log: EventLog, { streams }: ProjectDefinition): Promise<boolean> {
  if (Object.keys(streams).some((name) => log.conservation(name).accepted > 0)) return false
  const version = await database.selectFrom('model_versions').select('model').limit(1).executeTakeFirst()
  return version === undefined
}

async function flushTail(log: EventLog, paths: DataDirectory['paths'], { streams }: ProjectDefinition): Promise<void> {
  const lake = await openLake({ folder: paths.lake, log, logPath: paths.log, streams })
  try {
    await lake.flush()
  } finally {
    await lake.close()
  }
}

/** Events are never rewritten, so a column with events keeps its type; columns may come and go. */
function refuseOtherTypes(before: ProjectDefinition, after: ProjectDefinition, log: EventLog): void {
  for (const [stream, { schema }] of Object.entries(after.streams)) {
    const old = before.streams[stream]?.schema ?? {}
    if (log.conservation(stream).accepted === 0) continue
    for (const [column, { type, scale }] of Object.entries(schema)) {
      const was = old[column]
      if (was === undefined || (was.type === type && was.scale === scale)) continue
      throw new TruelineError(
        'definitions_changed',
        `Column '${column}' of stream '${stream}' is ${shown(was)} in the events that are there, and cannot become ${shown({ type, scale })}.`,
        { path: `${stream}.${column}`, remedy: `Keep its type, and add a column of another name for the new one.` },
      )
    }
  }
}

function shown({ type, scale }: { readonly type: string; readonly scale?: number | undefined }): string {
  return scale === undefined ? type : `${type}(${scale})`
}
