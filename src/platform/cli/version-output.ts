import { formatTime } from '../../core/time.ts'
import type { ApprovalAnswer, ApprovalStandingAnswer, ServableAnswer, VersionAnswer } from '../api/registry-answers.ts'
import { type CalibrationFigures, calibrationLines } from './calibration-lines.ts'
import { printClasses } from './class-output.ts'
import { learningLines } from './learning-lines.ts'
import { printLine, printTable } from './output.ts'

/** All that is on record about a version, for people. */
export function printVersion(answer: VersionAnswer): void {
  const { model, version, state, standing, serving, aliases, author, createdAt, run, source, servable } = answer
  printLine(`${model} v${version}: ${serving ? `${state}, and serves` : standing}`)
  const facts: Readonly<Record<string, string>> = {
    aliases: aliases.join(', '),
    stage: answer.stage === 'None' ? '' : answer.stage,
    description: answer.description,
    tags: Object.entries(answer.tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
    [source === null ? (isImported(servable?.evaluation) ? 'imported' : 'trained') : 'logged']:
      `by ${author} at ${formatTime(createdAt)}${run === null ? '' : `, ${run}`}`,
    ...(source === null || servable === undefined
      ? {}
      : { imported: `by ${servable.author} at ${formatTime(servable.createdAt)}` }),
    source: source ?? '',
    digest: servable?.digest ?? '',
  }
  for (const [what, text] of Object.entries(facts)) if (text !== '') printLine(`  ${what}: ${text}`)
  if (servable !== undefined) printServable(model, answer, servable)
  else {
    if (answer.signature !== null) printLine(`  signature: ${JSON.stringify(answer.signature)}`)
    printLine(`next: trueline models import ${model} --version ${version}, which gives it a contract`)
  }
}

/** Whether what was judged came from elsewhere, and was not trained here. */
function isImported(evaluation: unknown): boolean {
  return (evaluation as { readonly imported?: unknown } | undefined | null)?.imported !== undefined
}

function printServable(
  model: string,
  { version, state, standing, serving }: VersionAnswer,
  servable: ServableAnswer,
): void {
  const { contract, takes, parameters, evaluation, gate, approvals, decisions, card } = servable
  printLine()
  printLine('Signature')
  for (const { name, type } of contract.inputs) printLine(`  ${name}: ${type}`)
  const { score, decisions: named } = contract.response
  printLine(
    `  gives: a ${score.kind}${named.length === 0 ? '' : `, and one of ${named.map((one) => `'${one}'`).join(', ')}`}`,
  )
  printLine()
  printLine('What its scorer takes, in this order')
  for (const line of takenLines(takes)) printLine(`  ${line}`)
  printLine()
  printLine(isImported(evaluation) ? 'Import' : 'Training')
  for (const line of learningLines(parameters, evaluation)) printLine(`  ${line}`)
  printLine()
  printLine('Evaluation')
  printMetrics(evaluation)
  if (gate !== null) printLine(`  gate: ${gate.verdict}. ${gate.sentence}`)
  for (const { verdict, sentence } of servable.judgedBefore ?? [])
    printLine(`  gate, as it was before: ${verdict}. ${sentence}`)
  printLine()
  printLine('Approvals')
  printApprovals(approvals, state === 'candidate' && standing !== 'failed')
  for (const { decision, ...said } of decisions)
    if (decision !== 'approve') printLine(`  ${pastOf[decision]} ${saidBy(said)}`)
  printLine()
  printLine('Card')
  const said = { owner: card.owner, 'intended use': card.intendedUse, limits: card.limits, escalation: card.escalation }
  for (const [what, text] of Object.entries(said)) if (text !== undefined) printLine(`  ${what}: ${text}`)
  for (const { title, lines } of card.sections) for (const line of lines) printLine(`  ${title}: ${line}`)
  if (state === 'approved' && !serving) printLine(`next: trueline promote ${model} ${version}`)
}

/** Inputs that are listed; `--json` has all. */
const MOST_TAKEN = 200

/** What a scorer takes, numbered as files and programs of other libraries number it. */
export function takenLines(takes: ServableAnswer['takes']): readonly string[] {
  const lines = takes.slice(0, MOST_TAKEN).map(({ name, type }, place) => `${place}  ${name}: ${type}`)
  return takes.length > MOST_TAKEN ? [...lines, `and ${takes.length - MOST_TAKEN} more, see --json`] : lines
}

const pastOf = { reject: 'rejected', retire: 'retired' } as const

/** What training measured, as far as it says it in the usual form. */
function printMetrics(evaluation: unknown): void {
  const figures = (evaluation ?? {}) as CalibrationFigures & {
    rows?: number
    metrics?: Readonly<Record<string, { value: number; low?: number; high?: number } | undefined>>
  }
  const { rows, metrics = {}, ofClasses } = figures
  if (rows !== undefined) printLine(`  on ${rows.toLocaleString('en')} rows, with the range of 95%:`)
  const measured = Object.entries(metrics).flatMap(([name, estimate]) =>
    estimate === undefined
      ? []
      : [[`  ${name}`, estimate.value.toFixed(4), estimate.low?.toFixed(4), estimate.high?.toFixed(4)]],
  )
  if (measured.length > 0) printTable(['  metric', 'value', 'from', 'to'], measured)
  for (const line of calibrationLines(figures)) printLine(`  ${line}`)
  if (ofClasses !== undefined) printClasses(ofClasses)
}

function printApprovals({ needed, given, missing, open }: ApprovalStandingAnswer, isOpen: boolean): void {
  for (const approval of given) printLine(`  ${approvalsLine(approval)}`)
  if (!isOpen) return
  printLine(`  ${given.length} of ${needed}; ${missing} more, by ${whoMay(open)}`)
  if (open !== null && open.length < missing) printLine(`  ${neverApproved({ missing, open })}`)
}

/** That too few may approve a version for it ever to be approved, and what can be done. */
export function neverApproved({
  missing,
  open,
}: {
  readonly missing: number
  readonly open: readonly string[]
}): string {
  const who = open.length === 0 ? 'nobody may' : `only ${open.join(', ')} may`
  return `It can never be approved so: it takes ${missing} more, and ${who}, as nobody approves what they made. Name more people in the model's approvals, or let somebody else train it.`
}

/** Who may approve, in words. */
export function whoMay(open: readonly string[] | null | undefined): string {
  if (open === null || open === undefined) return 'anybody who did not make it'
  return open.length === 0 ? 'nobody: everyone named has made or approved it' : open.join(', ')
}

/** An approval, in words. */
export function approvalsLine(approval: ApprovalAnswer): string {
  return `approved ${saidBy(approval)}`
}

function saidBy({ by, at, reason }: ApprovalAnswer): string {
  return `by ${by} at ${formatTime(at)}${reason === null ? '' : `: ${reason}`}`
}
