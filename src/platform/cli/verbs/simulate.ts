import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { PolicyReport, SimulationReport } from '../../../operate/retraining/simulation.ts'
import type { SimulationAnswer } from '../../api/simulation-answers.ts'
import type { ModelHistory } from '../../simulate/export-histories.ts'
import { callOperation } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine, progressBar } from '../output.ts'
import { printPolicies } from '../policy-output.ts'
import { optionsOf, type Verb } from '../verb.ts'

interface SimulateOptions {
  readonly policy: readonly string[]
  readonly from?: string
  readonly until?: string
}

/** `simulate`: what policies of retraining would have cost and brought over the project's own history. */
export const simulate: Verb = (program: Command) => {
  program
    .command('simulate <model>')
    .description(
      "live through the project's own history with policies of retraining, compare what they cost and bring, and keep that",
    )
    .requiredOption(
      '--policy <policies...>',
      'never, monthly, weekly, on-drift, on-performance, own, or JSON files of retrain options',
    )
    .option(
      '--from <time>',
      'begin to live here, such as 2001-02-01; as soon as a first version can be trained when absent',
    )
    .option(
      '--until <time>',
      'the last prediction lies before it; when absent, the last row whose outcome had its time to come by now',
    )
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<SimulateOptions>(command)
      const bar = progressBar()
      const report = await compare(model, options, bar.show).finally(bar.end)
      // Shown before it is kept: it may have taken hours.
      if (options.json !== true) printPolicies(report.policies)
      const input = { model, as: options.as, ...report }
      const kept = await callOperation<SimulationAnswer>('keepSimulation', input, options)
      if (options.json === true) printJson(kept)
      else {
        printLine(kept.sentence)
        printLine(`kept as simulation ${kept.number}: trueline simulations show ${kept.number}`)
      }
    })
}

async function compare(
  model: string,
  options: SimulateOptions & Parameters<typeof directoryOf>[0],
  show: (done: number, sentence: string) => void,
): Promise<SimulationReport> {
  const { loadProject } = await import('../../app/load-project.ts')
  const { openPlatform } = await import('../../app/open-platform.ts')
  const { servingOf } = await import('../../app/predicting.ts')
  const { exportHistories } = await import('../../simulate/export-histories.ts')
  const { readPolicy } = await import('../../simulate/retraining-policies.ts')
  const { simulatePolicy } = await import('../../simulate/simulate-policy.ts')
  const project = await loadProject(options.config)
  const folder = await mkdtemp(join(tmpdir(), 'trueline-simulate-'))
  try {
    const platform = await openPlatform({ config: options.config, directory: directoryOf(options), recovery: 'asked' })
    const exporting = async (): Promise<ModelHistory> => {
      servingOf(platform.parts.servings, model)
      return await exportHistories(platform.parts, project.models[model]!, folder)
    }
    const history = await exporting().finally(platform.close)
    const { retrain, split, label } = project.models[model]!
    const needed = split.train + split.validate + split.test + label.within + label.grace
    const start = options.from === undefined ? history.from + needed : parseTime(options.from)
    const until = options.until === undefined ? history.until : Math.min(parseTime(options.until), history.until)
    if (start >= until || start <= history.from)
      throw new TruelineError(
        'invalid_arguments',
        `The history of ${model} reaches from ${formatTime(history.from)} to ${formatTime(history.until)}: no time is left to live through from ${formatTime(start)} to ${formatTime(until)}.`,
        { path: '--from' },
      )
    const reports: PolicyReport[] = []
    for (const [index, name] of options.policy.entries())
      reports.push(
        await simulatePolicy({
          ...{ project, model, name, start, until, histories: history.histories },
          policy: await readPolicy(name, retrain),
          directory: join(folder, 'run'),
          folder: dirname(resolve(options.config)),
          onProgress: (sentence, done) => show((index + done) / options.policy.length, sentence),
        }),
      )
    return { from: start, until, policies: reports }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
