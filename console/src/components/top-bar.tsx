import type { ReactNode } from 'react'
import { changeQuery, deadLettersLink, featuresLink, fleetLink, lineageLink, type Route, runsLink } from '../route.ts'
import { chooseTheme, type Theme, useTheme } from '../theme.ts'
import { zonesToChoose } from '../time/zone.ts'

const { own, all } = zonesToChoose()

const others = [
  ['features', 'Features', featuresLink],
  ['runs', 'Runs', runsLink],
  ['lineage', 'Lineage', (query: URLSearchParams) => lineageLink(undefined, query)],
  ['deadletters', 'Dead letters', (query: URLSearchParams) => deadLettersLink(query)],
] as const

/** Where one is, the zone of all times, and the theme. */
export function TopBar({ route, zone }: { route: Route; zone: string }): ReactNode {
  return (
    <div className="top">
      <a className="wordmark" href={fleetLink(route.query)}>
        Trueline
      </a>
      <nav aria-label="Pages">
        {route.page === 'fleet' ? (
          <span aria-current="page">Fleet</span>
        ) : (
          <>
            <a href={fleetLink(route.query)}>Fleet</a>
            <span aria-hidden="true">/</span>
            {route.page === 'deadletter' && (
              <>
                <a href={deadLettersLink(route.query)}>Dead letters</a>
                <span aria-hidden="true">/</span>
              </>
            )}
            {route.page === 'feature' && (
              <>
                <a href={featuresLink(route.query)}>Features</a>
                <span aria-hidden="true">/</span>
              </>
            )}
            <span aria-current="page">{placeName(route)}</span>
          </>
        )}
      </nav>
      <nav aria-label="Other pages" className="others">
        {others.map(([page, name, link]) => (
          <a key={page} href={link(route.query)} aria-current={route.page === page ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <div className="controls">
        <ZoneChoice zone={zone} />
        <ThemeChoice />
      </div>
    </div>
  )
}

function placeName(route: Route): string {
  if (route.page === 'model') return route.model
  if (route.page === 'stream') return route.stream
  if (route.page === 'features') return 'Features'
  if (route.page === 'api') return 'API'
  if (route.page === 'lineage') return 'Lineage'
  if (route.page === 'runs') return 'Runs'
  if (route.page === 'run') return route.run.slice(0, 12)
  if (route.page === 'feature') return route.feature
  if (route.page === 'deadletters') return 'Dead letters'
  return route.page === 'deadletter' ? String(route.letter) : 'nothing here'
}

function ZoneChoice({ zone }: { zone: string }): ReactNode {
  const choose = (chosen: string): void => changeQuery({ zone: chosen === 'UTC' ? undefined : chosen }, 'replace')
  return (
    <label>
      Times in
      <select value={zone} onChange={(event) => choose(event.target.value)}>
        <option value="UTC">UTC</option>
        {own !== 'UTC' && <option value={own}>{own} (this browser)</option>}
        <optgroup label="All zones">
          {all
            .filter((name) => name !== own && name !== 'UTC')
            .map((name) => (
              <option key={name}>{name}</option>
            ))}
        </optgroup>
      </select>
    </label>
  )
}

function ThemeChoice(): ReactNode {
  const theme = useTheme()
  return (
    <label>
      Theme
      <select value={theme} onChange={(event) => chooseTheme(event.target.value as Theme)}>
        <option value="system">System</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  )
}
