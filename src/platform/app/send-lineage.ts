import type { Logger } from 'pino'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { OpenLineageEvent } from '../../models/registry/lineage/open-lineage.ts'
import { toldRuns } from '../../models/registry/lineage/told-runs.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'

export interface LineageSenderParts {
  readonly metadata: Metadata
  readonly project: ProjectDefinition
  readonly logger: Logger
  /** Names the installation in the events. */
  readonly directory: string
  readonly signal: AbortSignal
}

const SETTING = 'open_lineage_sent'
/** Runs of a page, and how long the other side may take for one event, milliseconds. */
const AT_ONCE = 100
const TIMEOUT = 10_000

/**
 * Sends the events of runs that have ended to an endpoint, in order, each at least once: how far it has come is kept, and
 * what could not be sent is tried again the next time.
 * @param url of the other system; events go to `api/v1/lineage` below it
 */
export function createLineageSender(parts: LineageSenderParts, url: string): { advance(): Promise<void> } {
  const { metadata, project, logger, directory, signal } = parts
  const endpoint = new URL('api/v1/lineage', url.endsWith('/') ? url : `${url}/`)
  let failure = ''

  async function send(event: OpenLineageEvent): Promise<void> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`${endpoint.origin} answered ${response.status}.`)
  }

  /** Sends one page, each kind up to the first run that is under way. Tells whether there is more. */
  async function sendPage(): Promise<boolean> {
    const cursor = (await readSetting(metadata.database, SETTING)) as string | undefined
    const page = await toldRuns(metadata, project, directory, {
      limit: AT_ONCE,
      ended: true,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const event of page.items) await send(event)
    if (page.next !== null) await writeSetting(metadata.database, SETTING, page.next)
    return page.next !== null
  }

  return {
    async advance() {
      try {
        while (await sendPage());
        failure = ''
      } catch (thrown) {
        const message = thrown instanceof Error ? thrown.message : String(thrown)
        if (message !== failure) logger.warn(`OpenLineage events wait, and are sent again: ${message}`)
        failure = message
      }
    },
  }
}
