import { TruelineError } from '../../core/errors.ts'
import { checkAddress } from './check-address.ts'
import { checkBatch } from './check-batch.ts'
import { checkKey, checkRequired, checkSchema } from './check-columns.ts'
import { checkDerived } from './check-derived.ts'
import { checkFeatures } from './check-features.ts'
import { checkLimits } from './check-limits.ts'
import { checkModel } from './check-model.ts'
import { checkName } from './check-name.ts'
import { checkPredictions } from './check-prediction-log.ts'
import { checkQuality } from './check-quality.ts'
import { checkRawModel } from './check-raw-model.ts'
import { checkSource } from './check-source.ts'
import { checkTable } from './check-table.ts'
import type { EntityDefinition, ProjectDefinition, RequestDefinition, StreamDefinition } from './definitions.ts'
import { type Mistakes, mistakesOf } from './mistakes.ts'
import { nameOtherStreams } from './name-other-streams.ts'

/**
 * Checks every definition of a project, and each against the others.
 * @throws TruelineError the mistake, with the definition's name in `path`; `definition_invalid` with all of them in the
 *   message and as an AggregateError in `cause` when there are several
 */
export function checkProject(project: ProjectDefinition): void {
  // A name may be looked for in two places, as the columns of a label are.
  const said = new Map(mistakesIn(project).map((mistake) => [`${mistake.message} ${mistake.remedy}`, mistake]))
  const found = [...said.values()]
  if (found.length === 0) return
  if (found.length === 1) throw found[0]!
  const lines = [...said.keys()].map((line) => `- ${line}`)
  throw new TruelineError('definition_invalid', `${found.length} mistakes:\n${lines.join('\n')}`, {
    remedy: 'Mend each of them; the guide shows each kind of definition with an example.',
    cause: new AggregateError(found),
  })
}

/** All mistakes of a project, each with the definition's name in `path` and its remedy. */
export function mistakesIn(project: ProjectDefinition): readonly TruelineError[] {
  const found: TruelineError[] = []
  const each = <Kind extends { readonly kind: string; readonly name: string }>(
    definitions: Readonly<Record<string, Kind>>,
    check: (definition: Kind, mistakes: Mistakes) => void,
  ): void => {
    for (const [name, definition] of Object.entries(definitions)) {
      const mistakes = mistakesOf(`${definition.kind} '${name}'`, found)
      checkName(name, '', mistakes)
      check(definition, mistakes)
    }
  }
  each(project.streams, (definition, mistakes) => {
    checkStream(definition, mistakes)
    const table = { schema: definition.schema, refusesRows: true, streams: project.streams }
    checkQuality(definition.quality ?? [], table, 'quality', mistakes)
  })
  each(project.entities, checkEntity)
  each(project.features, (definition, mistakes) => checkFeatures(definition, project, mistakes))
  each(project.requests, checkRequest)
  each(project.derived, (definition, mistakes) => checkDerived(definition, project, mistakes))
  each(project.tables, (definition, mistakes) => checkTable(definition, project, mistakes))
  each(project.models, (definition, mistakes) => checkModel(definition, project, mistakes))
  each(project.sources ?? {}, (definition, mistakes) => checkSource(definition, project, mistakes))
  each(project.batches ?? {}, (definition, mistakes) => checkBatch(definition, project, mistakes))
  each(project.rawModels ?? {}, (definition, mistakes) => checkRawModel(definition, project, mistakes))
  if (project.alerts !== undefined) checkAddress(project.alerts.webhook, 'webhook', mistakesOf('alerts', found))
  if (project.limits !== undefined) checkLimits(project.limits, mistakesOf('limits', found))
  if (project.predictions !== undefined) checkPredictions(project.predictions, mistakesOf('predictions', found))
  return found.map((mistake) => nameOtherStreams(mistake, project))
}

function checkStream(definition: StreamDefinition, mistakes: Mistakes): void {
  const { schema, key, id, time, sequence, knownAt, ahead, corrections } = definition
  checkSchema(schema, 'schema', mistakes)
  checkKey(key, schema, 'key', mistakes)
  checkKey(id, schema, 'id', mistakes)
  checkRequired(time, 'timestamp', schema, 'time', mistakes)
  if (sequence !== undefined) checkRequired(sequence, 'int', schema, 'sequence', mistakes)
  if ('column' in knownAt) checkRequired(knownAt.column, 'timestamp', schema, 'knownAt', mistakes)
  else if (knownAt.lag < 0) mistakes.add('definition_invalid', 'knownAt', 'A row cannot be known before its event.')
  if (ahead < 0) mistakes.add('definition_invalid', 'ahead', 'It cannot be below 0.')
  if (corrections.within < 0) mistakes.add('definition_invalid', 'corrections.within', 'It cannot be below 0.')
  const { rejectBudget = 0 } = definition
  if (!(rejectBudget >= 0 && rejectBudget <= 1))
    mistakes.add('definition_invalid', 'rejectBudget', 'It must lie between 0 and 1.')
}

function checkEntity({ key }: EntityDefinition, mistakes: Mistakes): void {
  checkSchema(key, 'key', mistakes)
  checkKey(Object.keys(key), key, 'key', mistakes)
}

/** What its expressions read is checked with each model, whose rows they are computed from. */
function checkRequest({ select }: RequestDefinition, mistakes: Mistakes): void {
  if (Object.keys(select).length === 0) mistakes.add('definition_invalid', '', 'It selects no feature.')
  for (const name of Object.keys(select)) checkName(name, name, mistakes)
}
