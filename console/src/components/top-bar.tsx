import { Fragment, type ReactNode, useState } from 'react'
import {
  alertsLink,
  auditLink,
  changeQuery,
  deadLettersLink,
  decisionsLink,
  featuresLink,
  fleetLink,
  lineageLink,
  operationsLink,
  predictionsLink,
  type Route,
  readinessLink,
  registeredLink,
  registryLink,
  retrainingLink,
  runsLink,
  sourcesLink,
} from '../route.ts'
import { chooseTheme, type Theme, useTheme } from '../theme.ts'
import { zonesToChoose } from '../time/zone.ts'

const { own, all } = zonesToChoose()

const others = [
  ['sources', 'Sources', sourcesLink],
  ['deadletters', 'Dead letters', (query: URLSearchParams) => deadLettersLink(query)],
  ['features', 'Features', featuresLink],
  ['runs', 'Runs', runsLink],
  ['registry', 'Registry', registryLink],
  ['retraining', 'Retraining', retrainingLink],
  ['readiness', 'Readiness', readinessLink],
  ['operations', 'Operations', operationsLink],
  ['predictions', 'Predictions', (query: URLSearchParams) => predictionsLink(query)],
  ['decisions', 'Decisions', decisionsLink],
  ['alerts', 'Alerts', alertsLink],
  ['lineage', 'Lineage', (query: URLSearchParams) => lineageLink(undefined, query)],
  ['audit', 'Audit log', auditLink],
] as const

/** Where one is, the zone of all times, and the theme. */
export function TopBar({ route, zone }: { route: Route; zone: string }): ReactNode {
  const [isOpen, setOpen] = useState(false)
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
            {pathTo(route).map(([name, link]) => (
              <Fragment key={link}>
                <a href={link}>{name}</a>
                <span aria-hidden="true">/</span>
              </Fragment>
            ))}
            <span aria-current="page">{placeName(route)}</span>
          </>
        )}
      </nav>
      <button type="button" className="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        All pages
      </button>
      <nav aria-label="Other pages" className="others">
        {others.map(([page, name, link]) => (
          <a
            key={page}
            href={link(route.query)}
            aria-current={route.page === page ? 'page' : undefined}
            onClick={() => setOpen(false)}
          >
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

/** The pages above one, below the fleet. */
function pathTo(route: Route): readonly (readonly [name: string, link: string])[] {
  const { page, query } = route
  if (page === 'deadletter') return [['Dead letters', deadLettersLink(query)]]
  if (page === 'source') return [['Sources', sourcesLink(query)]]
  if (page === 'alert') return [['Alerts', alertsLink(query)]]
  if (page === 'prediction') return [['Predictions', predictionsLink(query)]]
  if (page === 'feature') return [['Features', featuresLink(query)]]
  if (page === 'run') return [['Runs', runsLink(query)]]
  if (page === 'batchrun' || page === 'loadtest') return [['Operations', operationsLink(query)]]
  if (page === 'simulation') return [['Retraining', retrainingLink(query)]]
  if (page === 'modelreadiness') return [['Readiness', readinessLink(query)]]
  if (page === 'registered') return [['Registry', registryLink(query)]]
  if (page !== 'version') return []
  return [
    ['Registry', registryLink(query)],
    [route.model, registeredLink(query, route.model)],
  ]
}

function placeName(route: Route): string {
  if (route.page === 'model' || route.page === 'registered' || route.page === 'modelreadiness') return route.model
  if (route.page === 'version') return `v${route.version}`
  if (route.page === 'stream') return route.stream
  if (route.page === 'feature') return route.feature
  if (route.page === 'source') return route.source
  if (route.page === 'alert') return route.alert
  if (route.page === 'prediction') return route.prediction
  if (route.page === 'run') return route.run.slice(0, 12)
  if (route.page === 'batchrun') return route.run
  if (route.page === 'loadtest') return `Load test ${route.number}`
  if (route.page === 'simulation') return `Simulation ${route.number}`
  if (route.page === 'deadletter') return String(route.letter)
  if (route.page === 'api') return 'API'
  return others.find(([page]) => page === route.page)?.[1] ?? 'nothing here'
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
