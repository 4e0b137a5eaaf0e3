import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { canonicalJson } from '../../../core/canonical.ts'
import { TruelineError } from '../../../core/errors.ts'
import { secretBytes } from '../../../core/random.ts'
import type { CommandDefinition } from '../../../language/define/command-definition.ts'
import type { Encoders } from '../../inference/encoders.ts'
import type { Candidate } from '../candidate.ts'
import { guardedProgram } from '../command/guarded-program.ts'
import { prepareProgram } from '../command/program-environment.ts'
import { programFault } from '../command/program-fault.ts'
import { writeProgramJob } from '../command/program-job.ts'
import { logText } from '../command/program-log.ts'
import { readOutput } from '../command/read-output.ts'
import { type ReadImport, readModel } from '../import-candidate.ts'
import type { Trainer } from './trainer.ts'

const GRACE_SECONDS = 5
/** Share of the work that is done when the program begins, for progress. */
const WRITTEN = 0.1

/**
 * Lets a program of the project learn the model: it gets the rows to learn from and to choose by as files, never those that it
 * will be judged on, and what it writes is read as the file of any other library.
 * @throws TruelineError `program_missing`, `program_failed`, `program_timeout`, `program_memory`, `program_output_invalid`, and the
 *   codes of `readModel` and `matchInputs`
 */
export const commandTrainer: Trainer<CommandDefinition> = {
  async train(task) {
    const { definition, encoders, projectFolder, onProgress, onLog } = task
    if (projectFolder === undefined)
      throw new TruelineError('program_missing', 'The project has no folder that its program could run in.', {
        path: 'trainer.run',
      })
    const folder = join(task.folder, 'program')
    // What an interrupted run of the same step left there.
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    const name = basename(definition.run[0]!)
    onProgress(`writing rows for ${name}`, 0)
    const files = await writeProgramJob(folder, task)
    const program = await prepareProgram(definition, projectFolder, { ...files, threads: task.threads })
    onProgress(`running ${name}`, WRITTEN)
    const ended = await guardedProgram(
      {
        ...{ words: program.words, folder: projectFolder, environment: program.environment },
        mark: Buffer.from(secretBytes(16)).toString('hex'),
        ...{ seconds: definition.limits.time / 1e6, graceSeconds: GRACE_SECONDS, bytes: definition.limits.memory },
      },
      {
        onProgress: (done, message) => onProgress(message ?? `running ${name}`, WRITTEN + (1 - WRITTEN) * done),
        onLine: onLog,
      },
    )
    const fault = programFault(ended, definition)
    if (fault !== undefined) throw fault
    await files.requireUntouched()
    const { model, metrics } = await readOutput(files.output)
    const read = readModel(model, 'names if any', task.classes)
    if (definition.format !== undefined && read.origin.format !== definition.format)
      throw new TruelineError(
        'program_output_invalid',
        `The model is of ${read.origin.format}, and the trainer says ${definition.format}.`,
        { path: 'trainer.format' },
      )
    const kept = {
      ...{ source: join(folder, 'source'), log: join(folder, 'log.txt') },
      ...{ code: join(folder, 'code.json'), lock: join(folder, 'lock') },
    }
    await writeFile(kept.source, model)
    const leftBehind =
      ended.leftBehind === 0 ? '' : `Of its processes, ${ended.leftBehind} lived on when it ended, and were ended.\n`
    await writeFile(kept.log, logText(ended.log) + leftBehind)
    await writeFile(kept.code, canonicalJson(program.code))
    if (program.lock !== undefined) await writeFile(kept.lock, program.lock)
    const { lock, ...others } = kept
    return {
      ...candidateOf(read, encoders),
      program: {
        metrics,
        files: program.lock === undefined ? others : { ...others, lock },
        environment: { ...program.record },
      },
    }
  },
}

/** @throws TruelineError `inputs_unmatched` */
function candidateOf(read: ReadImport, encoders: Encoders): Candidate {
  try {
    return read.candidate(encoders)
  } catch (thrown) {
    if (!(thrown instanceof TruelineError) || thrown.code !== 'inputs_unmatched') throw thrown
    throw new TruelineError(thrown.code, thrown.message, {
      ...{ path: 'trainer.run', cause: thrown },
      remedy: 'Let the model take features of its job: by their names, or all of them in their order.',
    })
  }
}
