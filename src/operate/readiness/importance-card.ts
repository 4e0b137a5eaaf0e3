import type { MeanContributions } from '../../models/training/mean-contributions.ts'
import type { TrainingResult } from '../../models/training/training-job.ts'
import type { CardSection } from './decision-card.ts'

/** What an evaluation says of the inputs; versions from before it was measured have less. */
export interface JudgedInputs {
  readonly importance?: TrainingResult['importance']
  readonly contributions?: MeanContributions
}

/** Inputs that are listed; the others are counted. */
const MOST = 15

const units = {
  log_odds: 'log-odds',
  score: 'the unit of the score',
  log_score: 'logarithms of the score',
  margin: "the model's own unit",
} as const

/** What moves the scores of a version: mean contributions over rows of its test, and gains in training. */
export function importanceCard({ importance = [], contributions }: JudgedInputs): CardSection {
  const title = 'What moves its scores'
  const total = importance.reduce((sum, { gain }) => sum + gain, 0)
  const shares = new Map(importance.map(({ feature, gain }) => [feature, total > 0 ? gain / total : 0]))
  const shareOf = (feature: string): string => `${(100 * (shares.get(feature) ?? 0)).toFixed(1)}% of the gain`
  if (contributions === undefined) {
    const unexplained =
      'How far inputs move scores is not known: it cannot be explained, or was judged before this was measured.'
    const gained = importance.filter(({ gain }) => gain > 0).slice(0, MOST)
    return { title, lines: [unexplained, ...gained.map(({ feature }) => `${feature}: ${shareOf(feature)}`)] }
  }
  const { rows, unit, features } = contributions
  const moving = features.filter(({ mean }) => mean > 0)
  const listed = moving.slice(0, MOST)
  const others = moving.length - listed.length
  return {
    title,
    lines: [
      `How far each input moved the score of ${rows} rows of the test on average, in ${units[unit]}${total > 0 ? ', and what it brought in training' : ''}:`,
      ...listed.map(
        ({ feature, mean }) => `${feature}: ${mean.toPrecision(3)}${total > 0 ? `, ${shareOf(feature)}` : ''}`,
      ),
      ...(others > 0 ? [`${others} others move it less.`] : []),
      ...(moving.length < features.length ? [`${features.length - moving.length} do not move it.`] : []),
      'A contribution is what the model made of an input, and no cause.',
    ],
  }
}
