import { expect, test } from 'vitest'
import { noOutcomeError } from './no-outcome.ts'
import type { TrainingJob } from './training-job.ts'

function jobWith(absent: unknown, rows: number): TrainingJob {
  const models = { sent_back: { label: { from: 'returns', absent } } }
  return { project: { models }, model: 'sent_back', files: { returns: [{ rows }] } } as unknown as TrainingJob
}

test('a label whose stream is empty is told from one whose events fit no row', () => {
  expect(noOutcomeError(jobWith({ value: false }, 0), 100)).toMatchObject({
    ...{ code: 'single_class', path: 'label' },
    message:
      "None of the 100 rows has an outcome: the stream 'returns' of its label has no event. All of them would be learnt as 'false'.",
    remedy: expect.stringContaining('trueline ingest returns FILE --history'),
  })
  expect(noOutcomeError(jobWith({ value: false }, 7), 100)).toMatchObject({
    ...{ code: 'single_class', remedy: expect.stringContaining('within') },
    message: expect.stringContaining("no event of 'returns', of 7, has the key of a row"),
  })
  expect(noOutcomeError(jobWith('exclude', 0), 100)).toMatchObject({ code: 'no_training_rows' })
})
