import type { ReadinessAnswer, Requirement } from '../../../src/platform/api/contract.ts'
import type { Tone } from '../components/status.tsx'

type State = Requirement['state']

/** How the state of a requirement looks, and the word for it. */
export const requirementStates: Record<State, { readonly tone: Tone; readonly word: string }> = {
  pass: { tone: 'ok', word: 'met' },
  fail: { tone: 'failing', word: 'not met' },
  stale: { tone: 'warning', word: 'expired' },
  unknown: { tone: 'none', word: 'unknown' },
}

/** The verdict over all requirements: one that is not met decides, whatever else is shown. */
export function verdictOf({ requirements }: ReadinessAnswer): { readonly tone: Tone; readonly word: string } {
  const worst = (['fail', 'stale', 'unknown'] as const).find((state) => requirements.some((one) => one.state === state))
  if (worst === undefined) return { tone: 'ok', word: 'ready' }
  return { tone: requirementStates[worst].tone, word: worst === 'fail' ? 'not ready' : 'not shown' }
}

/** What the page of a model opens with: the verdict, and the names of what is not met. */
export function readinessSentence(answer: ReadinessAnswer): string {
  const { model, version, met, requirements } = answer
  const of = `${model} v${version}`
  if (met === requirements.length) return `${of} is ready for production: all ${met} requirements are met.`
  const named = (state: State, words: string): string => {
    const names = requirements.filter((one) => one.state === state).map(({ name }) => name)
    return names.length === 0 ? '' : ` ${words}: ${names.join(', ')}.`
  }
  const verdict = requirements.some(({ state }) => state === 'fail')
    ? 'is not ready for'
    : 'is not shown to be ready for'
  const unknown = requirements.filter(({ state }) => state === 'unknown').length
  return [
    `${of} ${verdict} production: ${met} of ${requirements.length} requirements are met.`,
    named('fail', 'Not met'),
    named('stale', 'Expired'),
    unknown === 0 ? '' : ` Nothing shows ${unknown === 1 ? 'one of them' : `${unknown} of them`} yet.`,
  ].join('')
}
