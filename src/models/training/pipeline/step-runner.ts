import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { digestOfJson } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { packageVersion } from '../../../core/package-version.ts'
import { functionTableVersion, kernelVersion } from '../../../core/versions.ts'
import { zoneTableVersion } from '../../../core/zones/zones.ts'
import { fileError } from '../../../stores/durable-file.ts'
import { duckdbVersion, duckdbWriteError } from '../../../stores/lake/duckdb.ts'
import type { TrainingJob } from '../training-job.ts'
import { codeDigest } from './code-digest.ts'
import { openStepCache, type StepFile, type StepOutput } from './step-cache.ts'
import type { StepEvent } from './step-event.ts'
import { type StepName, stepVersions } from './step-names.ts'

/** What a step made: files by name with their paths, which are moved away, and figures as plain JSON. */
export interface StepMade {
  readonly files?: Readonly<Record<string, string>>
  readonly figures: unknown
}

/** One step of a pipeline. */
export interface Step {
  readonly name: StepName
  /** All that its output is a function of, beside the code: digests and settings as plain JSON. */
  readonly of: unknown
  /**
   * Who may take an output that is kept: every run unless said otherwise. What looks at something outside that nothing pins
   * is for the run alone that did, or for nobody where the look itself is the point.
   */
  readonly takenBy?: 'the same run' | 'nobody'
  /** @param folder for files, which exists and is empty */
  readonly work: (folder: string) => Promise<StepMade>
}

/** Does the steps of a job: each once for all that it is a function of. */
export interface StepRunner {
  /**
   * Takes the output of a step where one is kept and whole, and makes and keeps it otherwise.
   * @throws TruelineError `disk_full`, and what the step's work does
   */
  run(step: Step): Promise<StepOutput>
  /**
   * Does a part of a step that is under way, and keeps what it says, which is plain JSON: a step that is broken off goes on behind
   * its parts that were done.
   */
  part<Figures>(step: Pick<Step, 'name' | 'of' | 'takenBy'>, work: () => Promise<Figures>): Promise<Figures>
  /** Path of a file of an output. */
  path(file: StepFile): string
  log(step: StepName, text: string): void
}

/** The versions of the code that gives a step's output: part of every key. */
export function codeVersions(): Readonly<Record<string, unknown>> {
  return {
    trueline: packageVersion,
    code: codeDigest(),
    kernel: kernelVersion,
    functions: functionTableVersion,
    zones: zoneTableVersion,
    duckdb: duckdbVersion,
    node: process.versions.node,
    architecture: process.arch,
  }
}

/** The runner of a job's steps. */
export function createStepRunner(job: TrainingJob, onStep: (event: StepEvent) => void): StepRunner {
  const own = { folder: join(job.folder, 'outputs'), run: 'this run', at: job.cut, reads: false }
  const cache = openStepCache(job.keeping ?? own)
  const versions = codeVersions()
  return {
    path: cache.path,
    log: (step, text) => onStep({ step, kind: 'log', text }),
    async part({ name: step, of, takenBy }, work) {
      const key = digestOfJson({ step, version: stepVersions[step], part: of, versions })
      const lost = (text: string): void => onStep({ step, kind: 'log', text })
      const known = await cache.find(key, lost, takenBy === 'the same run')
      if (known !== undefined) return known.figures as Awaited<ReturnType<typeof work>>
      const figures = await work()
      await cache.keep({ step, key, figures }, {})
      return figures
    },
    async run({ name: step, of, takenBy, work }) {
      const key = digestOfJson({ step, version: stepVersions[step], of, versions })
      onStep({ step, kind: 'begun', key })
      const lost = (text: string): void => onStep({ step, kind: 'log', text })
      const known = takenBy === 'nobody' ? undefined : await cache.find(key, lost, takenBy === 'the same run')
      if (known !== undefined) {
        onStep({ step, kind: 'done', files: known.files, from: { run: known.run, at: known.at } })
        return known
      }
      const folder = join(job.folder, step)
      try {
        await mkdir(folder, { recursive: true })
        const { files = {}, figures } = await work(folder)
        const output = await cache.keep({ step, key, figures }, files)
        onStep({ step, kind: 'done', files: output.files })
        return output
      } catch (thrown) {
        throw thrown instanceof TruelineError ? thrown : fileError(duckdbWriteError(thrown, folder), folder)
      }
    },
  }
}
