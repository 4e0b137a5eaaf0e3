import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit } from '../../../stores/metadata/page.ts'
import { importedFile } from '../import-origin.ts'
import { versionName } from '../model-version.ts'
import {
  type OpenLineageDataset,
  type OpenLineageEvent,
  openLineageEvents,
  ownDataset,
  type ToldRun,
} from './open-lineage.ts'
import { datasetOfSource } from './source-dataset.ts'

const kinds = ['source_runs', 'runs', 'batch_runs'] as const

export interface ToldRunsRequest extends PageRequest {
  /** Only runs that have ended, each kind up to the first that is under way: what comes after the page is told then. */
  readonly ended?: boolean | undefined
}

/**
 * The OpenLineage events of what was done, a page of runs at a time: of sources, of trainings, of batches, each kind in the
 * order of its numbers. The cursor of the last page that has events also leads to those that come later.
 * @param directory tells runs of one installation from those of another
 */
export async function toldRuns(
  metadata: Metadata,
  project: ProjectDefinition,
  directory: string,
  request: ToldRunsRequest,
): Promise<Page<OpenLineageEvent>> {
  const marks = [...(cursorNumbers(request, kinds.length) ?? kinds.map(() => 0))]
  const events: OpenLineageEvent[] = []
  let left = pageLimit(request)
  for (const [place, kind] of kinds.entries()) {
    const runs = await runsOf(metadata, project, kind, marks[place]!, left)
    const open = request.ended === true ? runs.findIndex(({ told }) => told.ended === undefined) : -1
    for (const { number, told } of open === -1 ? runs : runs.slice(0, open)) {
      events.push(...openLineageEvents(told, directory))
      marks[place] = number
      left -= 1
    }
  }
  return { items: events, next: events.length === 0 ? null : marks.join('_') }
}

interface NumberedRun {
  readonly number: number
  readonly told: ToldRun
}

async function runsOf(
  metadata: Metadata,
  project: ProjectDefinition,
  kind: (typeof kinds)[number],
  after: number,
  limit: number,
): Promise<NumberedRun[]> {
  if (limit === 0) return []
  if (kind === 'source_runs') return await sourceRuns(metadata, project, after, limit)
  return kind === 'runs' ? await trainings(metadata, after, limit) : await batches(metadata, after, limit)
}

async function sourceRuns(
  { database }: Metadata,
  { sources = {} }: ProjectDefinition,
  after: number,
  limit: number,
): Promise<NumberedRun[]> {
  const query = database.selectFrom('source_runs').selectAll().where('number', '>', after)
  const rows = await query.orderBy('number').limit(limit).execute()
  return rows.map((row) => {
    const source = sources[row.source]
    return {
      number: row.number,
      told: {
        ...{
          id: `source-run-${row.number}`,
          job: `sources/${row.source}`,
          jobType: 'SOURCE',
          startedAt: row.started_at,
        },
        ...endOf(row, ['succeeded', 'partial']),
        inputs: source === undefined ? [] : [datasetOfSource(source)],
        outputs: source === undefined ? [] : [ownDataset(`streams/${source.into}`)],
      },
    }
  })
}

async function trainings({ database }: Metadata, after: number, limit: number): Promise<NumberedRun[]> {
  const query = database.selectFrom('runs').selectAll().where('number', '>', after)
  const rows = await query.orderBy('number').limit(limit).execute()
  const numbers = rows.map(({ number }) => number)
  const versions =
    rows.length === 0
      ? []
      : await database.selectFrom('model_versions').selectAll().where('run', 'in', numbers).orderBy('version').execute()
  return rows.map((row) => {
    const data = row.data === null ? null : (JSON.parse(row.data) as { files?: object; content?: string } | null)
    const inputs: OpenLineageDataset[] = Object.keys(data?.files ?? {}).map((stream) =>
      ownDataset(`streams/${stream}`, data!.content),
    )
    const isImport = importedFile(JSON.parse(row.parameters)) !== undefined
    const made = versions.filter(({ run }) => run === row.number)
    return {
      number: row.number,
      told: {
        ...{
          id: `run-${row.number}`,
          job: `models/${row.model}/${isImport ? 'import' : 'train'}`,
          jobType: isImport ? 'IMPORT' : 'TRAINING',
          startedAt: row.started_at,
        },
        ...endOf(row, ['succeeded']),
        inputs,
        outputs: made.map(({ model, digest }) => ownDataset(`models/${model}`, digest)),
      },
    }
  })
}

async function batches({ database }: Metadata, after: number, limit: number): Promise<NumberedRun[]> {
  const query = database.selectFrom('batch_runs').selectAll().where('number', '>', after)
  const rows = await query.orderBy('number').limit(limit).execute()
  return rows.map((row) => ({
    number: row.number,
    told: {
      ...{ id: `b${row.number}`, jobType: 'BATCH', startedAt: row.started_at },
      job: row.batch === '' ? `models/${row.model}/score` : `batches/${row.batch}`,
      ...endOf(row, ['succeeded']),
      inputs: [ownDataset(`models/${row.model}`, versionName(row.model, row.version))],
      outputs: row.status === 'succeeded' ? [{ namespace: 'file', name: row.destination }] : [],
    },
  }))
}

/** How a run ended, from its row. */
function endOf(
  {
    status,
    finished_at: at,
    error,
  }: { readonly status: string; readonly finished_at: number | null; readonly error: string | null },
  good: readonly string[],
): Pick<ToldRun, 'ended'> {
  if (status === 'running' || at === null) return {}
  const message = error === null ? undefined : (JSON.parse(error) as { error?: string; message?: string })
  const said = message?.message ?? message?.error
  const as = good.includes(status) ? 'COMPLETE' : status === 'cancelled' ? 'ABORT' : 'FAIL'
  return { ended: { at, as, ...(said === undefined ? {} : { error: said }) } }
}
