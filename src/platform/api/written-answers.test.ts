import { expect, test } from 'vitest'
import type { PredictionAnswer } from './prediction-answers.ts'
import { WrittenAnswers } from './written-answers.ts'

const late: PredictionAnswer = { error: { error: 'Too late.', code: 'deadline_exceeded', remedy: 'Ask for less.' } }

function answerTo(place: number): PredictionAnswer {
  return { prediction_id: `p1-${place}`, score: place / 7, decision: 'é' }
}

function textOf(answers: WrittenAnswers): string {
  return `[${answers.pieces().join(',')}]`
}

const sizes = [65, 256, 257, 1000].flatMap((rows) => [false, true].map((hasFeatures) => ({ rows, hasFeatures })))

test.each(sizes)(
  '$rows answers are the JSON of all of them, whichever come last (with features: $hasFeatures)',
  ({ rows, hasFeatures }) => {
    const answers = new WrittenAnswers(rows, hasFeatures)
    const given = Array.from({ length: rows }, (_, place) => answerTo(place))
    for (const [place, answer] of given.entries()) if (place % 100 !== 3) answers.set(place, answer)
    expect(() => answers.pieces()).toThrow(expect.objectContaining({ code: 'internal' }))
    for (const [place, answer] of given.entries()) if (place % 100 === 3) answers.set(place, answer)
    expect(textOf(answers)).toBe(JSON.stringify(given))
    expect(answers.first).toBe(given[0])
    expect(answers.isLate).toBe(false)
  },
)

test('answers are late where all of them are, and those that are given again count', () => {
  const answers = new WrittenAnswers(600)
  for (let place = 0; place < 600; place += 1) answers.set(place, place === 599 ? answerTo(place) : late)
  expect(answers.isLate).toBe(false)
  for (let place = 0; place < 600; place += 1) answers.set(place, late)
  expect(answers.isLate).toBe(true)
  expect(textOf(answers)).toBe(JSON.stringify(new Array(600).fill(late)))
})
