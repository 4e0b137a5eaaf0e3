import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { assertedIdentity } from '../../../governance/identity.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import type {
  DefinitionPlan,
  DefinitionsNow,
  GroupComparison,
  MemberChange,
  SwitchAnswer,
} from '../../api/definition-answers.ts'
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
    .option(
      '--compare',
      'fill changed features from the log of the running platform, and compare them with those in force',
    )
    .action(async ({ compare }: { compare?: boolean }, command: Command) => {
      const options = optionsOf(command)
      const { loadProject } = await import('../../app/load-project.ts')
      const project = await loadProject(options.config)
      const planned =
        compare === true
          ? await switchOnOwner(options, { definition: project, dry: true })
          : (await definitionPlans()).planDefinitions(await definitionsInForce(options), project)
      if (options.json === true) printJson(planned)
      else {
        printPlan(planned)
        if (isSwitch(planned)) printGroups(planned)
        if (planned.before !== planned.after) await printNext(planned, options)
      }
    })
}

/** What `apply` would refuse while a platform runs is said before. */
async function printNext({ plan, restart }: DefinitionPlan, options: GlobalOptions): Promise<void> {
  const owner = restart === undefined ? undefined : await readOwner(directoryOf(options))
  if (owner?.url === undefined) {
    printLine(`next: trueline apply ${plan}`)
    return
  }
  printLine(`It needs a start. ${restart}`)
  printLine('next: stop the platform that runs, then: trueline up --apply')
}

function apply(program: Command): void {
  program
    .command('apply [plan]')
    .description('bring the definitions of the project file into force; with a plan, only if it is still that one')
    .option('--back', 'go back to the definitions that were in force before, while the platform runs')
    .action(async (expected: string | undefined, { back }: { back?: boolean }, command: Command) => {
      const options = optionsOf(command)
      const by = assertedIdentity(options.as)
      const applied = back === true ? await switchOnOwner(options, {}) : await applyFile(options, expected)
      if (options.json === true) printJson(applied)
      else {
        printPlan(applied)
        if (isSwitch(applied)) printGroups(applied)
        if (applied.before !== applied.after) printLine(`Applied by ${by.name}.`)
        if (back === true)
          printLine('The project file does not say this: change it back before the platform is started again.')
      }
    })
}

/** What reads a project and a directory is loaded when it is asked for. */
const definitionPlans = () => import('../../app/definition-plan.ts')

async function applyFile(options: GlobalOptions, plan: string | undefined): Promise<DefinitionPlan | SwitchAnswer> {
  const { loadProject } = await import('../../app/load-project.ts')
  const project = await loadProject(options.config)
  const owner = await readOwner(directoryOf(options))
  if (owner?.url === undefined)
    return await (await definitionPlans()).applyToDirectory(
      directoryOf(options),
      project,
      assertedIdentity(options.as),
      plan,
    )
  return await switchOnOwner(options, { definition: project, ...(plan === undefined ? {} : { plan }) })
}

/** @throws TruelineError `no_owner` when no platform runs on the directory */
async function switchOnOwner(options: GlobalOptions, change: Record<string, unknown>): Promise<SwitchAnswer> {
  const owner = await readOwner(directoryOf(options))
  if (owner?.url === undefined)
    throw new TruelineError('no_owner', 'No platform runs on this data directory.', {
      remedy: 'Start it with `trueline up`, then run the command again.',
    })
  return (await callOwner(owner.url, 'switchDefinitions', { ...change, as: options.as })) as SwitchAnswer
}

async function definitionsInForce(options: GlobalOptions): Promise<DefinitionsNow | undefined> {
  const directory = directoryOf(options)
  const owner = await readOwner(directory)
  if (owner?.url === undefined) return await (await definitionPlans()).definitionsOfDirectory(directory)
  return (await callOwner(owner.url, 'definitions', {})) as DefinitionsNow
}

function printPlan(plan: DefinitionPlan): void {
  const { before, after, changes, members, governance, keeps, stops, warnings, static: tables } = plan
  const shown = (digest: string | undefined): string | undefined =>
    digest === undefined ? undefined : shortDigest(digest)
  if (before === after) printLine('The project file says what is in force.')
  else if (changes.length + governance.length + members.length === 0)
    printLine('Only prose differs: owners, descriptions, what a model predicts or its card.')
  for (const { model, member, words } of governance) printLine(`${member} of ${model}: ${words}`)
  for (const one of members) printMember(one)
  if (changes.length > 0)
    printTable(
      ['definition', 'name', 'change', 'before', 'after'],
      changes.map((one) => [one.kind, one.name, one.change, shown(one.before), shown(one.after)]),
    )
  for (const warning of warnings) printLine(`Look at ${warning}`)
  for (const table of tables)
    printLine(`Table '${table}' has no history: training sees its rows of today, whatever was known at the time.`)
  for (const { model, version, features } of keeps)
    printLine(`${model} v${version} keeps ${features.join(', ')} as it was trained, for as long as it can serve.`)
  for (const { model, version, features } of stops) {
    const why =
      features.length === 0 ? 'the model is gone' : `the streams no longer feed ${features.join(', ')} as it was`
    printLine(`${model} v${version} cannot serve any more: ${why}.`)
  }
}

function printMember({ kind, name, member, words, isMeaning, dependents }: MemberChange): void {
  const of = kind === name ? `the project's ${name}` : `${kind} ${name}`
  const what = isMeaning ? '' : ' (no feature and no score is another one for it)'
  printLine(`${member} of ${of}: ${words}${what}`)
  if (dependents.length > 0)
    printLine(`  ${dependents.join(', ')} ${dependents.length === 1 ? 'depends' : 'depend'} on it`)
}

function isSwitch(plan: DefinitionPlan | SwitchAnswer): plan is SwitchAnswer {
  return 'groups' in plan
}

function printGroups({ groups }: SwitchAnswer): void {
  for (const { name, seconds, entities, comparison } of groups) {
    printLine(`${name} was filled from the log in ${seconds.toFixed(1)} s: ${entities.toLocaleString('en')} entities.`)
    if (comparison !== undefined) printComparison(comparison)
  }
}

function printComparison({ moments, features }: GroupComparison): void {
  const shown = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : String(Number(value.toPrecision(4)))
  printLine(`Compared at ${moments.toLocaleString('en')} moments of the log, as either would have been served then:`)
  printTable(
    ['feature', '', 'equal', 'different', 'mean difference', 'largest'],
    features.map((one) => [
      ...[one.feature, one.change, String(one.equal), String(one.different)],
      ...[shown(one.meanDifference), shown(one.largestDifference)],
    ]),
  )
}
