import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import type { PredictAnswer, PredictOptions } from '../../api/prediction-answers.ts'
import { classWords } from '../class-words.ts'
import { errorOfAnswer, sendJson } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { printExplanation, reasonWords } from '../explanation.ts'
import { printJson, printLine } from '../output.ts'
import { parseRow } from '../row-argument.ts'
import { optionsOf, type Verb } from '../verb.ts'
import { describeFreshness } from './features-get.ts'

/** `predict`: one prediction for one row. */
export const predict: Verb = (program: Command) => {
  program
    .command('predict <model> <row>')
    .description(`one prediction: trueline predict late_flight '{"flight":"F1","origin":"ORD",...}'`)
    .option('--features', "show each feature's value and status")
    .option('--reasons', 'say why it was decided so')
    .option(
      '--explain [count]',
      'show what each input moved the score by, the most important so many (10 unless given)',
    )
    .option('--freshness', 'say how fresh the features are, also when all are as fresh as promised')
    .action(async (model: string, text: string, _options: unknown, command: Command) => {
      const options = optionsOf<{
        features?: boolean
        freshness?: boolean
        reasons?: boolean
        explain?: true | string
      }>(command)
      const rows = [parseRow(text, 'row')]
      const { features = false, freshness = false, reasons = false } = options
      const explain = explainOption(options.explain)
      const answer = await ask(model, rows, { features, freshness, reasons, explain }, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      const [prediction] = answer.predictions
      if (prediction === undefined) return
      if ('error' in prediction) throw errorOfAnswer(prediction.error)
      printLine(
        `${prediction.class === undefined ? '' : `${prediction.class}  `}${prediction.score.toFixed(6)}${prediction.decision === undefined || prediction.decision === prediction.class ? '' : `  ${prediction.decision}`}  (${model} v${answer.version}, ${prediction.prediction_id})`,
      )
      if (prediction.probabilities !== undefined) printLine(`  ${classWords(prediction.probabilities)}`)
      if (prediction.overridden_by !== undefined)
        printLine(`  decided by ${prediction.overridden_by}, not by the score`)
      for (const reason of prediction.reasons ?? []) printLine(`  because ${reasonWords(reason)}`)
      if (prediction.explanation !== undefined) printExplanation(prediction.explanation)
      for (const feature of prediction.features ?? [])
        printLine(`  ${feature.name.padEnd(36)} ${String(feature.value ?? '-').padStart(20)}  ${feature.status}`)
      for (const one of answer.freshness ?? []) printLine(describeFreshness(one))
    })
}

/** @throws TruelineError `invalid_arguments` for what is no number of contributions */
function explainOption(given: true | string | undefined): boolean | number {
  if (given === undefined || given === true) return given === true
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given)
  throw new TruelineError('invalid_arguments', `--explain takes how many contributions to show, not '${given}'.`, {
    path: 'explain',
  })
}

async function ask(
  model: string,
  rows: unknown[],
  shown: Pick<PredictOptions, 'features' | 'freshness' | 'reasons' | 'explain'>,
  options: Parameters<typeof directoryOf>[0],
): Promise<PredictAnswer> {
  const owner = await readOwner(directoryOf(options))
  if (owner?.url !== undefined)
    return (await sendJson(`${owner.url}/v1/models/${encodeURIComponent(model)}/predict`, 'POST', {
      rows,
      ...shown,
    })) as PredictAnswer
  const { openPlatform } = await import('../../app/open-platform.ts')
  const platform = await openPlatform({ config: options.config, directory: directoryOf(options), recovery: 'asked' })
  try {
    return await platform.predict(model, rows, shown)
  } finally {
    await platform.close()
  }
}
