import type { ReactNode } from 'react'
import type { CheckVerdict, DriftVerdict, Health } from '../../../src/platform/api/contract.ts'

/** A colour with its shape. */
export type Tone = 'ok' | 'warning' | 'failing' | 'none'

const tones: Record<Health, Tone> = { ok: 'ok', warning: 'warning', failing: 'failing', not_enough_data: 'none' }
const words: Record<Health, string> = {
  ok: 'ok',
  warning: 'warning',
  failing: 'failing',
  not_enough_data: 'not enough data',
}

/** The word for a health, as it is written everywhere. */
export function healthWord(health: Health): string {
  return words[health]
}

/** A health by colour, shape and word. */
export function HealthStatus({ health }: { health: Health }): ReactNode {
  return <Status tone={tones[health]}>{words[health]}</Status>
}

const verdicts: Record<DriftVerdict, { tone: Tone; word: string }> = {
  stable: { tone: 'ok', word: 'stable' },
  drifted: { tone: 'warning', word: 'drifted' },
  insufficient: { tone: 'none', word: 'not enough data' },
}

/** The word for a verdict on drift. */
export function verdictWord(verdict: DriftVerdict): string {
  return verdicts[verdict].word
}

/** A verdict on drift by colour, shape and word. */
export function DriftStatus({ verdict }: { verdict: DriftVerdict }): ReactNode {
  return <Status tone={verdicts[verdict].tone}>{verdicts[verdict].word}</Status>
}

const checks: Record<CheckVerdict, { health: Health; word: string }> = {
  pass: { health: 'ok', word: 'pass' },
  warn: { health: 'warning', word: 'warning' },
  fail: { health: 'failing', word: 'fail' },
  insufficient: { health: 'not_enough_data', word: 'not enough data' },
}

/** The word for a verdict of checks. */
export function checkWord(verdict: CheckVerdict): string {
  return checks[verdict].word
}

/** The health that a verdict of checks stands for. */
export function verdictHealth(verdict: CheckVerdict): Health {
  return checks[verdict].health
}

/** A verdict of checks by colour, shape and word. */
export function CheckStatus({ verdict }: { verdict: CheckVerdict }): ReactNode {
  return <Status tone={tones[checks[verdict].health]}>{checks[verdict].word}</Status>
}

/** A word in a status colour, with the shape of that status before it. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }): ReactNode {
  return (
    <span className={`status ${tone}`}>
      <Shape tone={tone} />
      {children}
    </span>
  )
}

function Shape({ tone }: { tone: Tone }): ReactNode {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" fill="currentColor">
      {tone === 'ok' && <circle cx="5" cy="5" r="4" />}
      {tone === 'warning' && <path d="M5 .8 9.8 9.2H.2Z" />}
      {tone === 'failing' && <path d="M.8.8h8.4v8.4H.8Z" />}
      {tone === 'none' && <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeDasharray="2.2 1.5" />}
    </svg>
  )
}
