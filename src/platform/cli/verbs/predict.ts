import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import type { PredictAnswer } from '../../api/prediction-answers.ts'
import { errorOfAnswer, sendJson } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'
import { describeFreshness } from './features-get.ts'

/** `predict`: one prediction for one row. */
export const predict: Verb = (program: Command) => {
  program
    .command('predict <model> <row>')
    .description(`one prediction: trueline predict late_flight '{"flight":"F1","origin":"ORD",...}'`)
    .option('--features', "show each feature's value and status")
    .option('--reasons', 'say why it was decided so')
    .option('--freshness', 'say how fresh the features are, also when all are as fresh as promised')
    .action(async (model: string, text: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ features?: boolean; freshness?: boolean; reasons?: boolean }>(command)
      const rows = [parseRow(text)]
      const { features = false, freshness = false, reasons = false } = options
      const answer = await ask(model, rows, { features, freshness, reasons }, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      const [prediction] = answer.predictions
      if (prediction === undefined) return
      if ('error' in prediction) throw errorOfAnswer(prediction.error)
      printLine(
        `${prediction.score.toFixed(6)}${prediction.decision === undefined ? '' : `  ${prediction.decision}`}  (${model} v${answer.version}, ${prediction.prediction_id})`,
      )
      if (prediction.overridden_by !== undefined)
        printLine(`  decided by ${prediction.overridden_by}, not by the score`)
      for (const { code, text } of prediction.reasons ?? [])
        printLine(`  because ${code}${text === undefined ? '' : `: ${text}`}`)
      for (const feature of prediction.features ?? [])
        printLine(`  ${feature.name.padEnd(36)} ${String(feature.value ?? '-').padStart(20)}  ${feature.status}`)
      for (const one of answer.freshness ?? []) printLine(describeFreshness(one))
    })
}

function parseRow(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TruelineError('invalid_arguments', `The row is not JSON: ${(cause as Error).message}.`, {
      path: 'row',
      cause,
    })
  }
}

async function ask(
  model: string,
  rows: unknown[],
  shown: { readonly features: boolean; readonly freshness: boolean; readonly reasons: boolean },
  options: Parameters<typeof directoryOf>[0],
): Promise<PredictAnswer> {
  const owner = await readOwner(directoryOf(options))
  if (owner?.url !== undefined)
    return (await sendJson(`${owner.url}/v1/models/${encodeURIComponent(model)}/predict`, 'POST', {
      rows,
      ...shown,
    })) as PredictAnswer
  const { openPlatform } = await import('../../app/open-platform.ts')
  const platform = await openPlatform({ config: options.config, directory: directoryOf(options) })
  try {
    return await platform.predict(model, rows, shown)
  } finally {
    await platform.close()
  }
}
