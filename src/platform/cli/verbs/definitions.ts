import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { assertedIdentity } from '../../../governance/identity.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import type { DefinitionsNow } from '../../api/platform.ts'
import {
  applyToDirectory,
  type DefinitionPlan,
  definitionsOfDirectory,
  planDefinitions,
} from '../../app/definition-plan.ts'
import { loadProject } from '../../app/load-project.ts'
import { callOwner } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb } from '../verb.ts'

/** `plan`, `apply`: from a project file to the definitions in force. */
export const definitionVerbs: readonly Verb[] = [plan, apply]

function plan(program: Command): void {
  program
    .command('plan')
    .description('what the project file would change, by digest, with what depends on it')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const project = await loadProject(options.config)
      const planned = planDefinitions(await definitionsInForce(options), project)
      if (options.json === true) printJson(planned)
      else {
        printPlan(planned)
        if (planned.before !== planned.after) printLine(`next: trueline apply ${planned.plan}`)
      }
    })
}

function apply(program: Command): void {
  program
    .command('apply [plan]')
    .description('bring the definitions of the project file into force; with a plan, only if it is still that one')
    .action(async (expected: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const project = await loadProject(options.config)
      const by = assertedIdentity(options.as)
      const applied = await applyToDirectory(directoryOf(options), project, by, expected)
      if (options.json === true) printJson(applied)
      else {
        printPlan(applied)
        if (applied.before !== applied.after) printLine(`Applied by ${by.name}.`)
      }
    })
}

async function definitionsInForce(options: GlobalOptions): Promise<DefinitionsNow | undefined> {
  const directory = directoryOf(options)
  const owner = await readOwner(directory)
  if (owner?.url === undefined) return await definitionsOfDirectory(directory)
  return (await callOwner(owner.url, 'definitions', {})) as DefinitionsNow
}

function printPlan({ before, after, changes, stops, static: tables }: DefinitionPlan): void {
  const shown = (digest: string | undefined): string | undefined =>
    digest === undefined ? undefined : shortDigest(digest)
  if (before === after) printLine('The project file says what is in force.')
  else if (changes.length === 0) printLine('Only prose differs.')
  else
    printTable(
      ['definition', 'name', 'change', 'before', 'after'],
      changes.map((one) => [one.kind, one.name, one.change, shown(one.before), shown(one.after)]),
    )
  for (const table of tables)
    printLine(`Table '${table}' has no history: training sees its rows of today, whatever was known at the time.`)
  for (const { model, version, features } of stops) {
    const why = features.length === 0 ? 'the model is gone' : `it reads ${features.join(', ')} as before`
    printLine(`${model} v${version} cannot serve any more: ${why}.`)
  }
}
