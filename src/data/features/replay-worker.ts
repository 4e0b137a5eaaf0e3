import { parentPort } from 'node:worker_threads'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { type ReplayPart, type ReplayRange, replayRange } from './replay-part.ts'

/** What a thread is given: its share of a part, and the strings of the dictionary in the order of their codes. */
export interface ReplayWork {
  readonly part: ReplayPart
  readonly range: ReplayRange
  readonly texts: readonly string[]
}

// Says so when it has done its share.
parentPort!.on('message', ({ part, range, texts }: ReplayWork) => {
  const dictionary = createDictionary()
  for (const text of texts) dictionary.encode(text)
  replayRange(part, range, dictionary)
  parentPort!.postMessage('done')
})
