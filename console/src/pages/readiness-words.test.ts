import { expect, test } from 'vitest'
import type { ReadinessAnswer, Requirement } from '../../../src/platform/api/contract.ts'
import { readinessSentence, verdictOf } from './readiness-words.ts'

function answerWith(...states: Requirement['state'][]): ReadinessAnswer {
  const requirements = states.map((state, index): Requirement => {
    const number = index + 1
    return { number, name: `requirement ${number}`, stage: 'deploy', state, because: '', source: 'platform' }
  })
  const met = states.filter((state) => state === 'pass').length
  return { model: 'late', version: 3, digest: 'sha256:0', met, requirements }
}

test('the verdict and the sentence follow the worst requirement', () => {
  const ready = answerWith('pass', 'pass')
  expect(verdictOf(ready)).toEqual({ tone: 'ok', word: 'ready' })
  expect(readinessSentence(ready)).toBe('late v3 is ready for production: all 2 requirements are met.')
  const failing = answerWith('fail', 'pass', 'stale', 'unknown', 'unknown', 'fail')
  expect(verdictOf(failing)).toEqual({ tone: 'failing', word: 'not ready' })
  expect(readinessSentence(failing)).toBe(
    'late v3 is not ready for production: 1 of 6 requirements are met. Not met: requirement 1, requirement 6. ' +
      'Expired: requirement 3. Nothing shows 2 of them yet.',
  )
  const unknown = answerWith('pass', 'unknown')
  expect(verdictOf(unknown)).toEqual({ tone: 'none', word: 'not shown' })
  expect(readinessSentence(unknown)).toContain('is not shown to be ready for production')
  expect(verdictOf(answerWith('unknown', 'stale'))).toEqual({ tone: 'warning', word: 'not shown' })
})
