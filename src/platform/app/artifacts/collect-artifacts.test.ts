import { rm } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf } from '../../../core/digest.ts'
import { DAY, HOUR } from '../../../core/time.ts'
import { listAudit } from '../../../governance/audit-log.ts'
import { createExperiment } from '../../../models/experiments/experiments.ts'
import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import { createLoggedModel, deleteLoggedModel } from '../../../models/experiments/logged-models.ts'
import { createRun, deleteRun, restoreRun } from '../../../models/experiments/tracked-runs.ts'
import { deleteLoggedVersion, logVersion } from '../../../models/registry/logged-versions.ts'
import { manifestArtifacts } from '../../../models/registry/manifest.ts'
import { createRegisteredModel, deleteRegisteredModel } from '../../../models/registry/registered-models.ts'
import { ada, temporaryRegistry } from '../../../models/registry/registry.fixture.ts'
import { listTree, putTreeFile } from '../../../stores/artifacts/artifact-trees.ts'
import { artifactPlace } from '../../api/mlflow/artifact-place.ts'
import { checkArtifacts } from './check-artifacts.ts'
import { collectArtifacts } from './collect-artifacts.ts'

async function collected() {
  const registry = await temporaryRegistry()
  const { metadata, artifacts, clock } = registry
  const bytes = (text: string) => new TextEncoder().encode(text)
  async function* chunks(text: string) {
    yield bytes(text)
  }
  const collect = (apply = true, grace = DAY) => collectArtifacts(registry, { apply, grace, by: ada })
  return {
    ...registry,
    collect,
    orphan: (text: string) => artifacts.put(bytes(text)),
    put: (folder: string, name: string, text: string) =>
      putTreeFile(metadata, artifacts, `${folder}/${name}`, chunks(text)),
    wait: (time: number) => clock.advanceTo(clock.now() + time),
    blobs: async () => {
      const found: string[] = []
      for await (const { digest } of artifacts.list()) found.push(digest)
      return found
    },
  }
}

test('what belongs to nothing goes a grace time after it was found, and nothing is done unless it is said', async () => {
  await using store = await collected()
  const kept = await store.register('kept')
  const digest = await store.orphan('left over')
  expect(await store.collect(false)).toMatchObject({
    applied: false,
    collected: { blobs: 0 },
    waiting: { blobs: 1, bytes: 9 },
  })
  await store.collect()
  store.wait(DAY - 1)
  expect(await store.collect()).toMatchObject({ collected: { blobs: 0 }, waiting: { blobs: 1 } })
  store.wait(1)
  expect(await store.collect(false)).toMatchObject({ applied: false, collected: { blobs: 1 } })
  expect(await store.artifacts.has(digest)).toBe(true)
  expect(await store.collect()).toMatchObject({
    applied: true,
    collected: { blobs: 1, bytes: 9 },
    waiting: { blobs: 0 },
  })
  expect(await store.artifacts.has(digest)).toBe(false)
  expect(await checkArtifacts(store)).toMatchObject({ faults: [] })
  expect(kept.version).toBe(1)
  const { items } = await listAudit(store.metadata.database, { target: 'artifacts' })
  expect(items).toMatchObject([{ action: 'artifacts.collect', by: ada, after: { trees: 0, blobs: 1, bytes: 9 } }])
  await expect(store.collect(true, HOUR - 1)).rejects.toMatchObject({ code: 'invalid_parameter', path: 'grace' })
})

test('what is put again, or named again, has its grace anew', async () => {
  await using store = await collected()
  const [again, named] = [await store.orphan('again'), await store.orphan('named')]
  await store.collect()
  store.wait(2 * DAY)
  await store.orphan('again')
  const run = await createRun(store.metadata, { experiment: '0' })
  await store.put(artifactPlace(run.artifactUri)!, 'file', 'named')
  expect(await store.collect()).toMatchObject({ collected: { blobs: 0 }, waiting: { blobs: 1 } })
  expect(await Promise.all([again, named].map((digest) => store.artifacts.has(digest)))).toEqual([true, true])
})

test('what comes to be named while a collection looks through all the rest is kept, and no write waits for it', async () => {
  await using store = await collected()
  const { metadata, artifacts } = store
  const digests = await Promise.all(Array.from({ length: 250 }, (_, index) => store.orphan(`orphan ${index}`)))
  await store.collect()
  store.wait(2 * DAY)
  const named = digests[177]!
  const listing = artifacts.list.bind(artifacts)
  // All of the metadata was looked through by the time that blobs are listed.
  async function* list() {
    await metadata.database
      .insertInto('artifact_files')
      .values({ path: 'a/b', digest: named, size: 1, at: 0 })
      .execute()
    yield* listing()
  }
  const parts = { ...store, artifacts: { ...artifacts, list } }
  const { collected: gone } = await collectArtifacts(parts, { apply: true, grace: DAY, by: ada })
  expect(gone.blobs).toBe(249)
  expect(await store.blobs()).toEqual([named])
})

test('an address that is no path of artifacts stops nothing, and one that is written otherwise is the same place', async () => {
  await using store = await collected()
  const { metadata } = store
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  const runIn = async (artifactLocation: string) => {
    const { id } = await createExperiment(metadata, { name: artifactLocation, artifactLocation, by: ada })
    return await createRun(metadata, { experiment: id })
  }
  const [nowhere, used] = [await runIn('mlflow-artifacts:/a/../b'), await runIn('mlflow-artifacts:/./team')]
  await store.put(`team/${used.id}/artifacts`, 'model/MLmodel', 'used')
  const source = `mlflow-artifacts:/team/${used.id}/artifacts/model`
  await logVersion(metadata, { model: 'free', source, by: ada })
  for (const { id } of [nowhere, used]) await deleteRun(metadata, id, ada)
  await store.collect()
  store.wait(DAY)
  expect(await store.collect()).toMatchObject({ collected: { trees: 0 }, waiting: { trees: 0 } })
})

test('the files of a deleted run go, unless a version was logged from them', async () => {
  await using store = await collected()
  const { metadata } = store
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  const runs = await Promise.all(
    ['used', 'unused', 'restored'].map(async (text) => {
      const run = await createRun(metadata, { experiment: '0' })
      await store.put(artifactPlace(run.artifactUri)!, 'model/MLmodel', text)
      return run
    }),
  )
  await logVersion(metadata, { model: 'free', source: `runs:/${runs[0]!.id}/model`, by: ada })
  for (const { id } of runs) await deleteRun(metadata, id, ada)
  expect(await store.collect()).toMatchObject({ waiting: { trees: 2 } })
  await restoreRun(metadata, runs[2]!.id, ada)
  store.wait(DAY)
  expect(await store.collect()).toMatchObject({
    collected: { trees: 1, folders: [artifactPlace(runs[1]!.artifactUri)] },
  })
  store.wait(DAY)
  expect(await store.collect()).toMatchObject({ collected: { blobs: 1 } })
  expect(await store.artifacts.has(digestOf('unused'))).toBe(false)
  for (const text of ['used', 'restored']) expect(await store.artifacts.has(digestOf(text))).toBe(true)
  await deleteLoggedVersion(metadata, { model: 'free', version: 1, by: ada })
  for (const _ of [1, 2, 3]) {
    await store.collect()
    store.wait(DAY)
  }
  expect(await store.artifacts.has(digestOf('used'))).toBe(false)
})

test('a check names what is missing or changed, and what needs it; a collection goes on beside it', async () => {
  await using store = await collected()
  const { manifest } = await store.register('first')
  await rm(store.artifacts.path(manifest.scorer))
  const run = await createRun(store.metadata, { experiment: '0' })
  const folder = artifactPlace(run.artifactUri)!
  const { digest } = await store.put(folder, 'file', 'text')
  await rm(store.artifacts.path(digest))
  const { faults, blobs } = await checkArtifacts(store)
  expect(blobs).toBe(6)
  expect(faults).toEqual([
    { digest: manifest.scorer, state: 'missing', neededBy: ['late_flight/1 scorer'] },
    { digest, state: 'missing', neededBy: [`${folder}/file`] },
  ])
  await deleteRun(store.metadata, run.id, ada)
  await store.collect()
  store.wait(DAY)
  expect(await store.collect()).toMatchObject({ collected: { trees: 1, blobs: 0 } })
})

type Step =
  | { readonly kind: 'run' | 'model' | 'native' | 'orphan'; readonly text: number }
  | { readonly kind: 'version'; readonly of: number; readonly by: 'run' | 'address' }
  | { readonly kind: 'delete'; readonly of: number }
  | { readonly kind: 'collect' }

const text = fc.integer({ min: 0, max: 4 })
const index = fc.nat(1000)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('run', 'model'), text }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('native', 'orphan'), text }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('version'), of: index, by: fc.constantFrom('run', 'address') }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('delete'), of: index }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('collect') }) },
  ),
  { minLength: 30, maxLength: 30 },
)

/** A thing with files, as the test itself remembers it. */
interface Thing {
  readonly digests: readonly string[]
  readonly needs?: Thing
  readonly address?: string
  readonly id?: string
  readonly remove?: () => Promise<unknown>
  deleted: boolean
}

test('whatever is made and deleted in whatever order: what is reachable stays whole, and all else goes in the end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await using store = await collected()
      const { metadata } = store
      const things: Thing[] = []
      const reachable = () =>
        new Set(
          things
            .filter(({ deleted }) => !deleted)
            .flatMap(({ digests, needs }) => [...digests, ...(needs?.digests ?? [])]),
        )
      const holds = async () => {
        for (const digest of reachable()) expect(await store.artifacts.check(digest)).toBe('whole')
        expect((await checkArtifacts(store)).faults).toEqual([])
      }

      async function withFiles(uri: string, content: string): Promise<{ digests: string[]; address: string }> {
        const folder = artifactPlace(uri)!
        // Most content is of one thing alone, and some is of several.
        await store.put(folder, 'model/MLmodel', content === '0' ? 'of several' : `of ${things.length}`)
        await store.put(folder, 'shared', 'in all of them')
        return { digests: (await listTree(metadata, folder)).map(({ digest }) => digest), address: `${uri}/model` }
      }

      async function take(step: Step): Promise<void> {
        if (step.kind === 'collect') {
          await store.collect()
          store.wait(DAY)
        } else if (step.kind === 'version') await log(step.of, step.by)
        else if (step.kind === 'delete') await remove(step.of)
        else if (step.kind === 'run') {
          const { id, artifactUri } = await createRun(metadata, { experiment: '0' })
          const remove = () => deleteRun(metadata, id, ada)
          things.push({ id, ...(await withFiles(artifactUri, `${step.text}`)), remove, deleted: false })
        } else if (step.kind === 'model') {
          const { id } = await createLoggedModel(metadata, { experiment: '0' })
          const { artifactUri } = await readLoggedModel(metadata, id)
          const remove = () => deleteLoggedModel(metadata, id, ada)
          things.push({ ...(await withFiles(artifactUri, `${step.text}`)), remove, deleted: false })
        } else if (step.kind === 'native') {
          const { manifest, attachments } = await store.register(`native ${step.text}`)
          things.push({
            digests: [...Object.values(manifestArtifacts(manifest)), ...Object.values(attachments)],
            deleted: false,
          })
        } else await store.orphan(`orphan ${step.text}`)
      }

      async function log(of: number, by: 'run' | 'address'): Promise<void> {
        const needs = things[of % Math.max(1, things.length)]
        if (needs?.address === undefined || needs.deleted) return
        const model = `free-${things.length}`
        await createRegisteredModel(metadata, { name: model, by: ada })
        const from =
          by === 'run' && needs.id !== undefined
            ? { run: needs.id, source: 's3://elsewhere' }
            : { source: needs.address }
        const { version } = await logVersion(metadata, { model, ...from, by: ada })
        const whole = things.length % 2 === 0
        const remove = () =>
          whole
            ? deleteRegisteredModel(metadata, { name: model, by: ada })
            : deleteLoggedVersion(metadata, { model, version, by: ada })
        things.push({ digests: [], needs, remove, deleted: false })
      }

      async function remove(of: number): Promise<void> {
        const thing = things[of % Math.max(1, things.length)]
        if (thing?.remove === undefined || thing.deleted) return
        await thing.remove()
        thing.deleted = true
      }

      for (const step of sequence) {
        await take(step)
        if (step.kind === 'collect') await holds()
      }
      for (const _ of ['mark folders', 'take folders, mark blobs', 'take blobs']) await take({ kind: 'collect' })
      await holds()
      expect(new Set(await store.blobs())).toEqual(reachable())
    }),
    { numRuns: 4, seed: 11, endOnFailure: true },
  )
})
