/** What a key asks of the cursor and of the time axis. */
export type KeyAction =
  | { readonly does: 'point'; readonly time: number }
  | { readonly does: 'hold' }
  | { readonly does: 'release' }
  | { readonly does: 'zoom'; readonly from: number; readonly to: number }
  | { readonly does: 'all' }

interface KeyContext {
  readonly from: number
  readonly to: number
  /** The time under the cursor. */
  readonly time: number | undefined
  /** How far an arrow moves. */
  readonly step: number
}

/** What a key does on the plots; undefined for keys that are not theirs. Times are microseconds. */
export function keyAction(key: string, { from, to, time, step }: KeyContext): KeyAction | undefined {
  const at = time ?? to
  const point = (wanted: number): KeyAction => ({ does: 'point', time: Math.min(to - 1, Math.max(from, wanted)) })
  const zoom = (factor: number): KeyAction => {
    const centre = time ?? (from + to) / 2
    return { does: 'zoom', from: centre - (centre - from) * factor, to: centre + (to - centre) * factor }
  }
  switch (key) {
    case 'ArrowLeft':
      return point(at - step)
    case 'ArrowRight':
      return point(at + step)
    case 'PageDown':
      return point(at - 10 * step)
    case 'PageUp':
      return point(at + 10 * step)
    case 'Home':
      return point(from)
    case 'End':
      return point(to)
    case 'Enter':
      return { does: 'hold' }
    case 'Escape':
      return { does: 'release' }
    case '+':
      return zoom(0.5)
    case '-':
      return zoom(2)
    case '0':
      return { does: 'all' }
    default:
      return undefined
  }
}
