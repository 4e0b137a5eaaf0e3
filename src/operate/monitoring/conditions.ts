import type { AlertDesk } from './alert-desk.ts'
import type { AlertKind } from './alert-kinds.ts'
import { alertPolicies } from './alert-policies.ts'
import type { AlertSubject } from './alert-store.ts'
import type { Wording } from './alert-wording.ts'
import { type Persistence, persistence, type WindowVerdict } from './persistence.ts'

/** What one window says about one subject. */
export interface Finding {
  readonly kind: AlertKind
  /** Absent when it is not about one feature. */
  readonly feature?: string
  readonly verdict: WindowVerdict
  /** Start of the window, microseconds. */
  readonly from: number
  /** How the alert is worded, should it be open; asked only after a bad window. */
  readonly describe: (since: number) => Wording
}

/** A condition that holds. */
export interface OpenCondition {
  readonly kind: AlertKind
  readonly feature: string | undefined
  /** Start of the first of the bad windows that opened it, microseconds. */
  readonly since: number
}

interface Condition {
  readonly kind: AlertKind
  readonly feature: string | undefined
  readonly persistence: Persistence
  since: number | undefined
  /** While an alert may be open that is not its own: one of before a restart, or one that could not be closed. */
  left: Persistence | undefined
}

/** Turns findings of windows into alerts: each subject has a persistence of its own. */
export class Conditions {
  readonly #model: string
  readonly #desk: AlertDesk
  readonly #areRestored: boolean
  readonly #held = new Map<string, Condition>()

  /**
   * @param model named in the alerts
   * @param areRestored whether alerts of before a restart are told by `restore`; else those that are still open are
   *   closed once all is good for as long as that takes
   */
  constructor(model: string, desk: AlertDesk, areRestored = true) {
    this.#model = model
    this.#desk = desk
    this.#areRestored = areRestored
  }

  /** Takes a finding; what is to be done about its alert, if anything. */
  take(finding: Finding): (() => Promise<void>) | undefined {
    const condition = this.#conditionOf(finding.kind, finding.feature)
    const change = note(condition, finding)
    const subject = this.#subject(finding)
    const isOver = change === 'closed' || condition.left?.push(finding.verdict) === 'closed'
    // An alert of before is brought up to date by one that opens.
    if (isOver || change === 'opened') condition.left = undefined
    if (isOver) return () => this.#close(condition, subject)
    if (!condition.persistence.open || finding.verdict !== 'bad') return undefined
    const wording = finding.describe(condition.since ?? finding.from)
    return () => this.#desk.raise({ ...subject, ...wording })
  }

  /** Forgets a condition that another alert tells of; what is to be done about its own, if it was open. */
  cede({ kind, feature }: Pick<Finding, 'kind' | 'feature'>, why: string): (() => Promise<void>) | undefined {
    const key = keyOf(kind, feature)
    const wasOpen = this.#held.get(key)?.persistence.open === true
    this.#held.delete(key)
    return wasOpen ? () => this.#desk.resolve(this.#subject({ kind, feature }), why) : undefined
  }

  /** Takes a finding of before a restart, whose alert was raised then. */
  replay(finding: Finding): void {
    note(this.#conditionOf(finding.kind, finding.feature), finding)
  }

  /** Takes over an alert that was open before a restart. */
  restore({ kind, feature, since }: OpenCondition): void {
    const open = persistence(alertPolicies[kind], true)
    this.#held.set(keyOf(kind, feature), { kind, feature, persistence: open, since, left: undefined })
  }

  /** Forgets everything; what is to be done about the alerts that were open. */
  reset(why: string): () => Promise<void> {
    const open = this.open()
    this.#held.clear()
    return async () => {
      for (const condition of open) await this.#desk.resolve(this.#subject(condition), why)
    }
  }

  /** The conditions that hold. */
  open(): OpenCondition[] {
    return [...this.#held.values()]
      .filter(({ persistence }) => persistence.open)
      .map(({ kind, feature, since }) => ({ kind, feature, since: since ?? 0 }))
  }

  async #close(condition: Condition, subject: AlertSubject): Promise<void> {
    try {
      await this.#desk.resolve(subject, 'It is good again.')
    } catch (thrown) {
      condition.left = persistence(alertPolicies[condition.kind], true)
      throw thrown
    }
  }

  #subject({ kind, feature }: { kind: AlertKind; feature?: string | undefined }): AlertSubject {
    return feature === undefined ? { model: this.#model, kind } : { model: this.#model, kind, feature }
  }

  #conditionOf(kind: AlertKind, feature: string | undefined): Condition {
    const key = keyOf(kind, feature)
    const known = this.#held.get(key)
    if (known !== undefined) return known
    const policy = alertPolicies[kind]
    const left = this.#areRestored ? undefined : persistence(policy, true)
    const condition = { kind, feature, persistence: persistence(policy), since: undefined, left }
    this.#held.set(key, condition)
    return condition
  }
}

function note(condition: Condition, { verdict, from }: Finding): 'opened' | 'closed' | 'unchanged' {
  const change = condition.persistence.push(verdict)
  if (verdict === 'bad') condition.since ??= from
  else if (verdict === 'good' && !condition.persistence.open) condition.since = undefined
  return change
}

function keyOf(kind: AlertKind, feature: string | undefined): string {
  return feature === undefined ? kind : `${kind} ${feature}`
}
