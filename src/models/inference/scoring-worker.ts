import { parentPort, workerData } from 'node:worker_threads'
import { type ScorerBytes, type SharedScoring, scorerOf, scoreShare } from './scoring-share.ts'

const scorer = scorerOf(workerData as ScorerBytes)

// Says so when no rows are left.
parentPort!.on('message', (shared: SharedScoring) => {
  scoreShare(scorer, shared)
  parentPort!.postMessage('done')
})
