import type { Schema } from '../../core/data-type.ts'
import { isCron } from '../../core/schedule.ts'
import { typeOfColumn } from '../expr/type-of.ts'
import type { BatchDefinition, DestinationLocation } from './batch-definition.ts'
import { checkQuality } from './check-quality.ts'
import type { ProjectDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import { madeColumns, outputSchema } from './scored-columns.ts'

type Require = (holds: boolean, place: string, message: string) => void

/** Checks a batch by itself and against the model that it scores with. */
export function checkBatch(definition: BatchDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  const { model, population, columns, keep, schedule, quality, rejectBudget, to, write } = definition
  const require: Require = (holds, place, message) => {
    if (!holds) mistakes.add('definition_invalid', place, message)
  }
  require(schedule === undefined ||
    isCron(schedule), 'schedule', `'${schedule}' is not a cron expression such as '0 4 * * *'.`)
  require(rejectBudget >= 0 && rejectBudget <= 1, 'rejectBudget', 'It must lie between 0 and 1.')
  checkDestination(to, write, require)
  if (!mistakes.known('unknown_model', 'model', 'model', model, Object.keys(project.models))) return
  const scored = project.models[model]!
  require(scored.serve.modes.includes(
    'batch',
  ), 'model', `'${model}' is not served in batches: name the mode in its serve.modes.`)
  const stream = project.streams[scored.at]
  if (stream === undefined) return
  if (population.kind === 'stream') {
    require(population.stream === scored.at, 'population', `'${model}' scores rows of '${scored.at}'.`)
    require(population.last >= 0 &&
      population.next >= 0 &&
      population.last + population.next > 0, 'population', 'It names no stretch of time.')
  } else if ('paths' in population)
    require(population.paths.length > 0 &&
      population.paths.every((path) => path !== ''), 'population', 'It names no file.')
  for (const name of [...Object.keys(columns), ...keep])
    mistakes.attempt(keep.includes(name) ? 'keep' : 'columns', () => typeOfColumn(name, stream.schema))
  if (keep.some((name) => stream.schema[name] === undefined)) return
  const output: Schema = outputSchema(definition, scored, stream)
  const made = madeColumns(definition, scored)
  const clash = Object.keys(output).find((name) => Object.hasOwn(made, name) && stream.schema[name] !== undefined)
  require(clash === undefined, 'to', `Column '${clash}' of the rows has the name of one of the scores.`)
  require(quality.every(
    ({ check }) => check !== 'foreignKey',
  ), 'quality', 'No column of a stream is at hand to refer to.')
  const table = { schema: output, refusesRows: false, streams: project.streams }
  checkQuality(quality, table, 'quality', mistakes)
}

function checkDestination(to: DestinationLocation, write: BatchDefinition['write'], require: Require): void {
  switch (to.kind) {
    case 'parquet':
    case 'csv':
      require(to.path !== '' && !/[*?[{]/.test(to.path), 'to', 'It is not one Parquet or CSV file.')
      require(write === 'replace', 'write', 'A file is replaced whole; rows are appended to tables.')
      return
    case 'sqlite':
      require(to.path !== '' && to.table !== '', 'to', 'It is not a table.')
      return
    case 'postgres': {
      require(to.table !== '', 'to', 'It is not a table.')
      if (typeof to.url !== 'string') return
      const address = URL.canParse(to.url) ? new URL(to.url) : undefined
      require(/^postgres(ql)?:$/.test(address?.protocol ?? ''), 'to', 'It is not a postgres:// address.')
      require((address?.password ?? '') ===
        '', 'to', "A password in it would be stored and shown; write url: env('NAME') in its place.")
    }
  }
}
