import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TruelineError } from '../../../core/errors.ts'
import { workerUrl } from '../../../core/worker-url.ts'
import { processTree } from './process-tree.ts'
import type { GuardMessage } from './program-guard.ts'
import type { Program, ProgramEnd, ProgramWatch } from './run-program.ts'

/**
 * Runs a program under a guard of its own, a process that ends the program when this one ends, in whatever way.
 * @throws TruelineError `program_failed` when something else killed the guard, `training_failed` when it ended without a word; the program is
 *   ended then, too
 */
export function guardedProgram(
  program: Program,
  { onProgress, onLine }: Pick<ProgramWatch, 'onProgress' | 'onLine'>,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const guard = fork(fileURLToPath(workerUrl(import.meta.url, './program-guard.ts')), {
      // Apart from our group, so that what ends that from a terminal leaves it to end the program. It holds our stderr for as
      // long as it lives: who waits for that to close knows that nothing is left.
      ...{ detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    })
    let leader: number | undefined
    let ended: ProgramEnd | undefined
    guard.on('message', (message: GuardMessage) => {
      if (message.kind === 'end') ended = message.end
      else if (message.kind === 'started') leader = message.pid
      else if (message.kind === 'lines') message.lines.forEach(onLine)
      else onProgress(message.done, message.message)
    })
    guard.on('error', (cause) => {
      if (guard.pid === undefined) reject(new TruelineError('training_failed', cause.message, { cause }))
    })
    guard.on('close', (status, killed) => {
      if (ended !== undefined) return resolve(ended)
      if (leader !== undefined) processTree(leader, program.mark).signal('SIGKILL')
      if (killed === null)
        return reject(new TruelineError('training_failed', `The guard of the program ended with code ${status}.`))
      reject(
        new TruelineError(
          'program_failed',
          `The guard of the program was ended by ${killed}, and the program with it.`,
          {
            path: 'trainer.run',
            remedy: 'Look whether the machine runs out of memory, or the program ends processes that are not its own.',
          },
        ),
      )
    })
    guard.send(program)
  })
}
