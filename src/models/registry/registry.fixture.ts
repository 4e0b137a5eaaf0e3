import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '../../core/clock.ts'
import { digestOfJson } from '../../core/digest.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { emptyProject } from '../../language/define/collect-project.ts'
import { openArtifacts } from '../../stores/artifacts/artifacts.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { decideVersion } from './decisions.ts'
import { startRun } from './runs.ts'
import { type NewVersion, registerVersion } from './versions.ts'

export const ada = assertedIdentity('ada')
export const grace = assertedIdentity('grace')
export const model = 'late_flight'
export const definition = emptyProject()

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
    approve: (version: number) => decideVersion(metadata, { model, version, decision: 'approve', by: grace }),
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}
