import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { oneAtATime } from '../../../core/one-at-a-time.ts'
import { versionName } from '../../../models/registry/model-version.ts'
import type { Actor } from '../../api/actor.ts'
import type { ReadinessHost, RebuildAnswer } from '../../api/readiness-answers.ts'
import type { Parts } from '../assemble-platform.ts'
import { EVIDENCE, keepOfVersion, type OwnRebuild } from '../readiness-evidence.ts'
import { collectRecord } from './collect-record.ts'
import { rebuildVersion } from './rebuild-version.ts'

/** Makes versions again from their records, one after the other, and keeps what came of it. */
export function createRebuilding(
  parts: Pick<Parts, 'metadata' | 'clock' | 'directory' | 'projectFolder' | 'workFolder' | 'underWay'>,
): ReadinessHost['rebuild'] {
  const { clock, directory, projectFolder, workFolder, underWay } = parts
  const inTurn = oneAtATime()

  async function rebuild(model: string, version: number, onProgress: OnProgress): Promise<RebuildAnswer> {
    const folder = join(workFolder, `rebuild-${encodeURIComponent(versionName(model, version))}`)
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    try {
      const { record, missing } = await collectRecord(directory.path, { model, version, clock }, folder)
      const { digest } = record
      if (missing.length > 0)
        return { model, version, digest, verdict: 'differs', parts: [], differences: missing, seconds: 0 }
      const how = { projectFolder, clock, onProgress, signal: underWay.signal }
      const { folder: _, ...report } = await rebuildVersion(folder, how)
      return report
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  return (model, version, actor: Actor, { onProgress = () => undefined } = {}) =>
    inTurn(async () => {
      const answer = await rebuild(model, version, onProgress)
      const { digest, verdict, rebuilt, differences } = answer
      const found: OwnRebuild = { version, digest, verdict, isOurs: true }
      const gone = rebuilt === undefined ? { gone: differences.length } : {}
      await keepOfVersion(parts, EVIDENCE.rebuilt, model, { ...found, ...gone }, actor)
      return answer
    })
}

type OnProgress = (sentence: string, done: number) => void
