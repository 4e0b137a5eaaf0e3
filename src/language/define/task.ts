import type { LabelDefinition } from './definitions.ts'

/** What a model learns: a probability, a number, or the probability of each of several classes. */
export type Task = 'binary' | 'regression' | 'multiclass'

/** What models of each are judged by. */
export const taskMetrics = {
  binary: ['auc', 'log_loss', 'brier'],
  regression: ['rmse', 'mae', 'r2'],
  multiclass: ['log_loss', 'accuracy', 'macro_auc', 'macro_f1'],
} as const satisfies Record<Task, readonly string[]>

/** What is learnt of a label: of one with classes their probabilities, of a condition its own, and of any other a number. */
export function taskOf({ classes, type }: Pick<LabelDefinition, 'classes' | 'type'>): Task {
  if (classes !== undefined) return 'multiclass'
  return type === 'bool' ? 'binary' : 'regression'
}
