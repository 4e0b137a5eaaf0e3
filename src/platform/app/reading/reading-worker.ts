import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../../core/clock.ts'
import { asTruelineError } from '../../../core/errors.ts'
import { type Metadata, readMetadata } from '../../../stores/metadata/metadata.ts'
import { questions } from './questions.ts'
import type { ReadingReply, ReadingRequest } from './reading-messages.ts'

// Answers questions one at a time, each as of one moment: what was committed when it began.
const port = parentPort!
const { path } = workerData as { path: string }
const metadata = await readMetadata(path, { clock: systemClock() })

port.on('message', async ({ number, name, asked }: ReadingRequest) => {
  const answer = questions[name] as (metadata: Metadata, ...asked: readonly unknown[]) => Promise<unknown>
  try {
    const found = await metadata.database
      .transaction()
      .execute((transaction) => answer({ ...metadata, database: transaction }, ...asked))
    reply({ number, answer: found }, found instanceof Uint8Array ? [found.buffer as ArrayBuffer] : [])
  } catch (thrown) {
    const { code, message, path: where, remedy } = asTruelineError(thrown)
    reply({ number, error: { code, message, remedy, ...(where === undefined ? {} : { path: where }) } }, [])
  }
})

function reply(message: ReadingReply, transfers: readonly ArrayBuffer[]): void {
  port.postMessage(message, transfers)
}
