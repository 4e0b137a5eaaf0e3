import { TruelineError } from '../core/errors.ts'
import { formatTime } from '../core/time.ts'
import type { ApprovalsDefinition } from '../language/define/approvals-definition.ts'
import { type Approval, approvalStanding, isNamed } from './approvals.ts'
import { type Identity, isPlatformIdentity, samePerson } from './identity.ts'

/** What a person, or the platform, decides on a version of a model. */
export type DecisionKind = 'approve' | 'reject' | 'retire'

/** What the policy looks at. */
export interface ProposedDecision {
  readonly decision: DecisionKind
  /** The version, as errors name it. */
  readonly target: string
  readonly author: Identity
  readonly by: Identity
  readonly reason: string | undefined
  /** The gate's verdict on the version; null when no gate judged it. */
  readonly gate: 'pass' | 'fail' | 'insufficient' | null
  /** Its verdict in a sentence. */
  readonly gateSentence?: string | undefined
  /** What was decided on the version before, by whom and when in microseconds. */
  readonly decided: readonly { readonly decision: DecisionKind; readonly by: string; readonly at: number }[]
  /** Who else made it, such as who logged what was given a contract. */
  readonly makers?: readonly Identity[] | undefined
  /** Who has to approve it, as its model says; absent: one person. */
  readonly approvals?: ApprovalsDefinition | undefined
  /** Approvals that were not enough. */
  readonly given?: readonly Approval[] | undefined
}

/**
 * The rules by which a version of a model is approved, rejected or retired.
 * - A version is approved or rejected once, and retired once.
 * - Nobody approves what they made, and nobody twice. Where the model names who approves, nobody else does.
 * - A version can be rejected until it has approvals enough.
 * - What failed the gate is never approved. What the gate could not judge is approved only by a person, with a reason.
 * - Rejecting and retiring need a reason.
 * @throws TruelineError `already_decided`, `approval_by_author`, `approver_not_named`, `approved_before`, `gate_failed`,
 *   `reason_required`
 */
export function checkDecision(proposed: ProposedDecision): void {
  const { decision, target, decided } = proposed
  const last = decided.at(-1)
  if (last !== undefined && (last.decision === 'retire' || decision !== 'retire')) {
    const done = { approve: 'approved', reject: 'rejected', retire: 'retired' }[last.decision]
    throw new TruelineError('already_decided', `${target} was ${done} by ${last.by} at ${formatTime(last.at)}.`, {
      remedy:
        last.decision === 'approve'
          ? `Let it serve: \`trueline promote ${target.replace('/', ' ')}\`.`
          : 'That stands: train or import a new version.',
    })
  }
  if (decision === 'approve') checkApproval(proposed)
  else requireReason(proposed, `To ${decision} ${target}, say why.`)
}

function checkApproval(proposed: ProposedDecision): void {
  const { target, by, gate, gateSentence, approvals } = proposed
  checkApprover(proposed)
  if (approvals?.reasons === 'required')
    requireReason(proposed, `Whoever approves ${target} says why: its model asks for it.`)
  if (gate === 'pass') return
  if (gate === 'fail')
    throw new TruelineError(
      'gate_failed',
      `${target} failed its gate${gateSentence === undefined ? '.' : `: ${gateSentence}`}`,
      {
        remedy: `See all of the verdict: \`trueline models show ${target.replace('/', ' ')}\`; then train another version.`,
      },
    )
  const undecided = gate === null ? 'was not judged by a gate' : 'was not decided by its gate'
  if (isPlatformIdentity(by))
    throw new TruelineError('gate_failed', `${target} ${undecided}; only a person may approve it, with a reason.`)
  requireReason(proposed, `${target} ${undecided}; to approve it all the same, say why.`)
}

function checkApprover({ target, author, makers = [], by, approvals, given = [] }: ProposedDecision): void {
  const made = [author, ...makers]
  if (made.some((maker) => samePerson(maker, by)))
    throw new TruelineError('approval_by_author', `${by.name} made ${target}, so somebody else has to approve it.`)
  const { open, missing } = approvalStanding(approvals, made, given)
  const others = open === null ? 'somebody else' : open.join(', ')
  if (approvals !== undefined && !isNamed(approvals, by))
    throw new TruelineError('approver_not_named', `${by.name} does not approve versions of this model: ${others}.`)
  if (given.some((approval) => samePerson(approval.by, by)))
    throw new TruelineError(
      'approved_before',
      `${by.name} has approved ${target}; it takes ${missing} more: ${others}.`,
    )
}

function requireReason({ reason }: ProposedDecision, message: string): void {
  if (reason === undefined || reason.trim() === '') throw new TruelineError('reason_required', message)
}
