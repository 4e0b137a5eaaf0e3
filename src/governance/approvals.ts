import type { ApprovalsDefinition } from '../language/define/approvals-definition.ts'
import { assertedIdentity, type Identity, samePerson } from './identity.ts'

/** What a person said for a version. */
export interface Approval {
  readonly by: Identity
  readonly reason: string | null
  /** Microseconds. */
  readonly at: number
}

/** How the approvals of a version stand by the policy of its model. */
export interface ApprovalStanding {
  readonly needed: number
  /** Those that count: by people whom the model names, none of whom made the version. */
  readonly given: readonly Approval[]
  /** How many are lacking. */
  readonly missing: number
  /** Who may still give one; null where anybody may who did not make the version. */
  readonly open: readonly string[] | null
}

/**
 * Counts approvals: each person once, however the name is written, and only those whom the policy names now.
 * @param policy of the model; absent: one person, anybody but the makers
 * @param makers who made the version
 */
export function approvalStanding(
  policy: ApprovalsDefinition | undefined,
  makers: readonly Identity[],
  approvals: readonly Approval[],
): ApprovalStanding {
  const needed = policy?.needed ?? 1
  const given = approvals.filter(({ by }) => policy === undefined || isNamed(policy, by))
  const barred = [...makers, ...given.map(({ by }) => by)]
  const open = policy?.of.filter((name) => !barred.some((one) => samePerson(one, assertedIdentity(name)))) ?? null
  return { needed, given, missing: Math.max(0, needed - given.length), open }
}

/** Whether a policy names a person among those who approve. */
export function isNamed({ of }: ApprovalsDefinition, person: Identity): boolean {
  return of.some((name) => samePerson(person, assertedIdentity(name)))
}
