import { useMemo, useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const STORED_AS = 'trueline.theme'
const listeners = new Set<() => void>()
const darkness = window.matchMedia('(prefers-color-scheme: dark)')

/** The chosen theme; `system` follows the machine's setting. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, storedTheme)
}

/** Chooses a theme, and remembers it in this browser. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(STORED_AS)
  else localStorage.setItem(STORED_AS, theme)
  applyTheme()
  for (const listener of listeners) listener()
}

/** Puts the remembered theme on the page. */
export function applyTheme(): void {
  document.documentElement.dataset['theme'] = storedTheme()
}

/** The colours that charts draw with, as the browser resolves them in the theme of now. */
export interface Palette {
  readonly ink: string
  readonly secondary: string
  readonly faint: string
  readonly rule: string
  readonly grid: string
  readonly paper: string
  readonly line: string
  readonly band: string
  readonly level: string
  readonly bar: string
  readonly release: string
  readonly ok: string
  readonly warning: string
  readonly failing: string
  readonly warningWash: string
  readonly failingWash: string
  readonly hatch: string
  readonly heatLow: string
  readonly heatHigh: string
}

/** The palette, new whenever the theme changes. */
export function usePalette(): Palette {
  const shown = useSyncExternalStore(subscribe, shownTheme)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which follows the theme
  return useMemo(readPalette, [shown])
}

function shownTheme(): 'light' | 'dark' {
  const theme = storedTheme()
  if (theme !== 'system') return theme
  return darkness.matches ? 'dark' : 'light'
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED_AS)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  darkness.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    darkness.removeEventListener('change', listener)
  }
}

function readPalette(): Palette {
  // A canvas does not understand light-dark(): an element of the page resolves it.
  const probe = document.body.appendChild(document.createElement('span'))
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const palette: Palette = {
    ink: colour('ink'),
    secondary: colour('ink-secondary'),
    faint: colour('ink-faint'),
    rule: colour('rule'),
    grid: colour('grid'),
    paper: colour('paper'),
    line: colour('line'),
    band: colour('band'),
    level: colour('level'),
    bar: colour('bar'),
    release: colour('release'),
    ok: colour('ok'),
    warning: colour('warning'),
    failing: colour('failing'),
    warningWash: colour('warning-wash'),
    failingWash: colour('failing-wash'),
    hatch: colour('hatch'),
    heatLow: colour('heat-low'),
    heatHigh: colour('heat-high'),
  }
  probe.remove()
  return palette
}
