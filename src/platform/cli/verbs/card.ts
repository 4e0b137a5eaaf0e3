import type { Command } from 'commander'
import type { ModelCard } from '../../api/decision-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `card`: what a model does with its scores, and what is decided at the edges of what it knows. */
export const card: Verb = (program: Command) => {
  program
    .command('card <model>')
    .description(
      'what the model does with its scores, what is decided at the edges of what it knows, and what moves them',
    )
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<ModelCard>('card', { model }, options)
      if (options.json === true) printJson(answer)
      else printCard(answer)
    })
}

function printCard({ model, owner, intendedUse, limits, escalation, rulesByHand, sections }: ModelCard): void {
  printLine(model)
  const said = { owner, 'intended use': intendedUse, limits, escalation }
  for (const [what, text] of Object.entries(said)) if (text !== undefined) printLine(`  ${what}: ${text}`)
  for (const { title, lines } of sections) {
    printLine(title)
    for (const line of lines) printLine(`  ${line}`)
  }
  if (rulesByHand > 0) printLine(`Rules by hand in force: ${rulesByHand} (trueline decisions ${model})`)
}
