import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainerDefinition } from '../../language/define/trainer-definition.ts'
import type { Candidate } from './candidate.ts'
import { type FoldsEvaluation, judgeFolds, metricsOn } from './judge-folds.ts'
import type { TrialParameters } from './search/draw-trials.ts'
import { runSearch } from './search/run-search.ts'
import type { SearchResult, TrialRound } from './search/search-result.ts'
import { foldsOf } from './time-folds.ts'
import { type LearningRows, type LearningTask, trainCandidate } from './train-candidate.ts'

/** A candidate with how its trainer was judged before the test. */
export interface Learnt {
  readonly candidate: Candidate
  readonly search?: SearchResult
  readonly folds?: FoldsEvaluation
}

/** Shares of the work, for progress. */
const SEARCHED = 0.8
const FOLDED = 0.6

/**
 * Learns the model of a job: searches for parameters where the model says so, judges the trainer over the folds of its split where it has
 * any, and learns from all training rows. The test rows are not touched.
 * @param folder for files of the trainer, which exists
 * @throws TruelineError the codes of the trainer, and of `foldsOf`
 */
export async function learnModel(
  task: LearningTask,
  rows: LearningRows,
  folder: string,
  onProgress: (sentence: string, done: number) => void,
): Promise<Learnt> {
  const { job, dataset } = task
  const model = job.project.models[job.model]!
  const { label, split, gate } = model
  const folds = split.folds === undefined ? [] : foldsOf(split, label, dataset.split, dataset.times)
  const searched = model.search === undefined ? 0 : SEARCHED
  const search =
    model.search === undefined
      ? undefined
      : await runSearch(model.search, gate.metric, tryParameters, (sentence, done) =>
          onProgress(sentence, searched * done),
        )
  const found = search?.trials[search.best - 1]?.parameters ?? {}
  const trainer = withParameters(model.trainer, found)
  const toFold = folds.length === 0 ? searched : searched + (1 - searched) * FOLDED
  const judged =
    folds.length === 0
      ? undefined
      : await judgeFolds(task, trainer, folds, folder, (sentence, done) =>
          onProgress(sentence, searched + (toFold - searched) * done),
        )
  const candidate = await trainCandidate(task, trainer, rows, folder, (sentence, done) =>
    onProgress(sentence, toFold + (1 - toFold) * done),
  )
  const chosen = { ...found, ...candidate.chosen }
  return {
    candidate: Object.keys(chosen).length === 0 ? candidate : { ...candidate, chosen },
    ...(search === undefined ? {} : { search }),
    ...(judged === undefined ? {} : { folds: judged }),
  }

  /** Trials take most of the time of a search: those that were made before it was broken off are not made again. */
  function tryParameters(parameters: TrialParameters, trial: { readonly number: number; readonly share: number }) {
    return task.once({ parameters, share: trial.share }, () => tryOnce(parameters, trial))
  }

  async function tryOnce(
    parameters: TrialParameters,
    trial: { readonly number: number; readonly share: number },
  ): Promise<Omit<TrialRound, 'error'>> {
    const own = join(folder, `trial-${trial.number}`)
    await mkdir(own, { recursive: true })
    const tried = withParameters(model.trainer, parameters)
    try {
      if (folds.length > 0) {
        const shortened = folds.map((fold) => ({ ...fold, training: newest(fold.training, trial.share) }))
        const { folds: each, metrics } = await judgeFolds(task, tried, shortened, own, () => undefined)
        return { training: each.at(-1)!.training, value: metrics[gate.metric]?.mean ?? null }
      }
      const training = newest(rows.training, trial.share)
      const { chosen, ...candidate } = await trainCandidate(task, tried, { ...rows, training }, own, () => undefined)
      const value = metricsOn([gate.metric], candidate, dataset, rows.validation)[gate.metric] ?? null
      candidate.scorer.close()
      return { training: training.to - training.from, value, ...(chosen === undefined ? {} : { chosen }) }
    } finally {
      await rm(own, { recursive: true, force: true })
    }
  }
}

function newest({ from, to }: LearningRows['training'], share: number): LearningRows['training'] {
  return { from: to - Math.max(1, Math.round(share * (to - from))), to }
}

function withParameters(trainer: TrainerDefinition, parameters: TrialParameters): TrainerDefinition {
  return { ...trainer, parameters: { ...trainer.parameters, ...parameters } } as TrainerDefinition
}
