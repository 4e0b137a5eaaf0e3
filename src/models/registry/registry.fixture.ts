import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '../../core/clock.ts'
import { digestOfJson } from '../../core/digest.ts'
import { applyDefinitions } from '../../governance/applied-definitions.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { emptyProject } from '../../language/define/collect-project.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { openArtifacts } from '../../stores/artifacts/artifacts.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { decideVersion } from './decisions.ts'
import { startRun } from './runs.ts'
import { type NewVersion, registerVersion } from './versions.ts'

export const ada = assertedIdentity('ada')
export const grace = assertedIdentity('grace')
export const model = 'late_flight'
export const definition = emptyProject()

/** A project that defines the model `late_flight`, with these options. */
export function projectWith(options: Pick<ModelDefinition, 'approvals' | 'protectedAliases'> = {}): ProjectDefinition {
  const late: ModelDefinition = {
    kind: 'model',
    name: model,
    predicts: 'lateness',
    task: 'binary',
    at: 'departures',
    servingLag: 0,
    features: [],
    label: {
      ...{ from: 'arrivals', expression: { kind: 'column', name: 'late' }, type: 'bool', on: { flight: 'flight' } },
      ...{ within: 60, grace: 0, absent: 'exclude' },
    },
    split: { kind: 'time', train: 3, validate: 1, test: 1 },
    trainer: { kind: 'gbdt', parameters: {} },
    gate: { metric: 'auc', baseline: 'without_windows', champion: { margin: 0 }, segments: [] },
    serve: { modes: ['realtime'], log: 'group' },
    monitor: { psi: 0.1, alpha: 0.05, minimum: 100, performanceDrop: 0.05 },
    retrain: { approval: 'ask' },
    card: {},
    ...options,
  }
  return { ...definition, models: { [model]: late } }
}

/** A registry in a temporary folder, on a clock that starts at 1000. */
export async function temporaryRegistry() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-registry-'))
  const clock = virtualClock(1000)
  const path = join(folder.path, 'meta.db')
  const metadata = await openMetadata(path, { clock })
  const artifacts = await openArtifacts(join(folder.path, 'artifacts'))

  /** A new version whose content follows from a text: the same text, the same content. */
  async function newVersion(text: string, change: Partial<NewVersion> = {}): Promise<NewVersion> {
    const put = (part: string) => artifacts.put(new TextEncoder().encode(`${part} of ${text}`))
    return {
      model,
      variant: 'full',
      manifest: {
        scorer: await put('scorer'),
        encoders: await put('encoders'),
        decision: await put('decision'),
        contract: await put('contract'),
        features: { origin_delays: digestOfJson('origin_delays') },
      },
      attachments: { onnx: await put('onnx') },
      definition,
      evaluation: { auc: { value: 0.78 } },
      gate: { verdict: 'pass', sentence: 'Better than the baseline.' },
      runId: (await startRun(metadata, { model, parameters: { trees: 200 }, seed: 7, author: ada })).id,
      author: ada,
      ...change,
    }
  }

  return {
    path,
    clock,
    metadata,
    artifacts,
    newVersion,
    register: async (text: string, change: Partial<NewVersion> = {}) =>
      (await registerVersion(metadata, artifacts, await newVersion(text, change))).version,
    define: (options: Parameters<typeof projectWith>[0] = {}) =>
      applyDefinitions(metadata, { definition: projectWith(options), by: ada }),
    approve: (version: number) => decideVersion(metadata, { model, version, decision: 'approve', by: grace }),
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}
