import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { byTime, col, gbdt, label, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { decodeForest } from '../../src/models/inference/forest-codec.ts'
import { runTraining } from '../../src/models/training/run-training.ts'
import type { EventFile, TrainingJob } from '../../src/models/training/training-job.ts'
import type { KeptRequest } from '../../src/platform/app/pipeline/training-request.ts'
import { jobOf } from '../../src/platform/app/pipeline/training-snapshot.ts'
import { openDuckdb, sqlText } from '../../src/stores/lake/duckdb.ts'
import { digestOfFile } from '../../src/stores/lake/file-digest.ts'
import type { Lake } from '../../src/stores/lake/lake.ts'
import {
  customerOrders,
  importShop,
  makeHistory,
  NOW,
  openShop,
  orders,
  returns,
  sentBack,
  temporaryFolder,
} from './shop-fixture.ts'
import { xgboostFile } from './xgboost-file.ts'

const project = collectProject([
  model('sent_back', {
    ...{ predicts: sentBack.predicts, at: orders, time: 'ordered_at' },
    features: [customerOrders.pick('mean_amount_3d'), orders.pick('amount')],
    label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
    split: byTime({ train: '9d', validate: '3d', test: '3d' }),
    trainer: gbdt({ trees: 5, depth: 3, seed: 1 }),
    gate: { segments: ['product'] },
  }),
])

/** Asks for amounts up to another bound, which all amounts keep. */
function withBound(max: number): ProjectDefinition {
  const { orders: asking, ...others } = project.streams
  const amount = { ...asking!.schema['amount']!, max } as never
  return { ...project, streams: { ...others, orders: { ...asking!, schema: { ...asking!.schema, amount } } } }
}

/** The files of orders with the products of one half called otherwise, which no input reads. */
async function withOtherProducts(files: readonly EventFile[], folder: string): Promise<EventFile[]> {
  const duckdb = await openDuckdb({ threads: 2, memory: '1GB', temporaryFolder: folder })
  const others: EventFile[] = []
  for (const [index, file] of files.entries()) {
    const path = join(folder, `orders-${index}.parquet`)
    await duckdb.withConnection((connection) =>
      connection.run(`COPY (SELECT * REPLACE (CASE WHEN amount > 20 THEN 'other' ELSE product END AS product)
        FROM read_parquet(${sqlText(file.path)})) TO ${sqlText(path)} (FORMAT parquet)`),
    )
    others.push({ path, digest: await digestOfFile(path), rows: file.rows })
  }
  duckdb.close()
  return others
}

/** The files of both streams, as a run is given them. */
function eventFiles(lake: Lake): Record<string, EventFile[]> {
  const filesOf = (stream: string): EventFile[] => {
    const origins = lake.origins(stream)
    return lake.files(stream).map(({ path, digest, rows }) => ({ path, digest, rows, origins: origins(digest) }))
  }
  return { orders: filesOf('orders'), returns: filesOf('returns') }
}

test('a step is made again when anything that it reads is another', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project })
  try {
    await importShop(platform, folder.path, makeHistory())
    const { lake, log } = platform.parts
    await lake.flush()
    let count = 0
    /** Trains by a job that differs, and says what was made by it and not taken. */
    const train = async (differs: Partial<TrainingJob> = {}) => {
      const own = join(folder.path, `job-${count++}`)
      await mkdir(own)
      const files = eventFiles(lake)
      const made: string[] = []
      const job: TrainingJob = {
        ...{ project, model: 'sent_back', variant: 'without_windows', offset: log.flushedOffset, cut: NOW, files },
        ...{ rivals: [], threads: 2, folder: own },
        keeping: { folder: join(folder.path, 'kept'), run: `run-${count}`, at: NOW, reads: true },
        ...differs,
      }
      const result = await runTraining(job, {
        onProgress: () => undefined,
        onStep: (event) => event.kind === 'done' && event.from === undefined && made.push(event.step),
      })
      return { made, result, files }
    }
    const { result, files } = await train({ variant: 'full' })
    expect((await train({ variant: 'full' })).made).toEqual(['verify'])

    const products = await withOtherProducts(files['orders']!, folder.path)
    const regrouped = await train({ variant: 'full', files: { ...files, orders: products } })
    expect(regrouped.result.dataset.content).toBe(result.dataset.content)
    expect(regrouped.made).toEqual(expect.arrayContaining(['evaluate', 'gate']))
    const segments = regrouped.result.evaluation.segments.map(({ name }) => name)
    expect(segments).toContain('other')

    expect((await train({ variant: 'full', project: withBound(5000) })).made).toContain('gate')

    const forest = decodeForest(await readFile(result.scorerFile))
    const path = join(folder.path, 'model.json')
    // All names of the model in another order are refused by order, so the last input is named as the first is.
    const names = [...forest.featureNames.slice(0, -1), forest.featureNames[0]!]
    await writeFile(path, xgboostFile(forest, 'binary:logistic', names))
    const byName = await train({ variant: 'full', imported: { path, byOrder: false } })
    const byOrder = await train({ variant: 'full', imported: { path, byOrder: true } })
    const encoders = (of: typeof byName) => readFile(of.result.encodersFile, 'utf8')
    expect(byOrder.made).toContain('train')
    expect(await encoders(byOrder)).not.toBe(await encoders(byName))
  } finally {
    await platform.close()
  }
})

test('files that became one have the rows that they had: only what looks at files is done again', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project })
  try {
    const history = makeHistory()
    const sixteenth = <Row>(rows: readonly Row[], part: number): readonly Row[] =>
      rows.slice(Math.floor((part * rows.length) / 16), Math.floor(((part + 1) * rows.length) / 16))
    for (let part = 0; part < 16; part++) {
      const { orders: asked, returns: sent } = history
      await importShop(platform, folder.path, { orders: sixteenth(asked, part), returns: sixteenth(sent, part) })
    }
    const { lake, log } = platform.parts
    const before = eventFiles(lake)
    const request: KeptRequest = {
      ...{ model: 'sent_back', variant: 'full', at: NOW, cache: true, definition: '' },
      author: { name: 'ann', asserted: true },
    }
    const parts = {
      ...platform.parts,
      ...{ workFolder: folder.path, cacheFolder: join(folder.path, 'kept'), projectFolder: folder.path },
      projectTests: undefined,
    }
    const snapshot = { offset: log.flushedOffset, cut: NOW, files: before }
    let count = 0
    const train = async (pinned = snapshot) => {
      const own = join(folder.path, `job-${count++}`)
      await mkdir(own)
      const job = await jobOf(parts, request, pinned, { run: `run-${count}`, folder: own })
      const made: string[] = []
      const result = await runTraining(job, {
        onProgress: () => undefined,
        onStep: (event) => event.kind === 'done' && event.from === undefined && made.push(event.step),
      })
      return { made, result }
    }
    const first = await train()
    expect(first.made).toContain('features')
    while ((await lake.compact()) !== undefined);
    const after = eventFiles(lake)
    expect([before['orders']!.length, after['orders']!.length]).toEqual([16, 1])
    expect(after['orders']![0]!.origins).toEqual(before['orders']!.map(({ digest }) => digest))

    const again = await train({ ...snapshot, files: after })
    expect(again.made).toEqual(['verify', 'dataset'])
    expect(again.result.dataset.content).toBe(first.result.dataset.content)
    expect(again.result.dataset.files['orders']).toEqual([
      { digest: after['orders']![0]!.digest, rows: history.orders.length },
    ])
  } finally {
    await platform.close()
  }
})
