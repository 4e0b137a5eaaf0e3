import process from 'node:process'
import { MINUTE } from '../../core/time.ts'
import type { Parts } from './assemble-platform.ts'
import { bringUpToDate } from './lineage.ts'
import { createLineageSender } from './send-lineage.ts'

/** Where OpenLineage clients find the endpoint that they send to. */
const URL_SETTING = 'OPENLINEAGE_URL'

/** Keeps the lineage up to what is recorded, before records are forgotten, and tells another system of it if one is set. */
export function createLineageKeeper(parts: Parts): { advance(): Promise<void> } {
  const { metadata, project, logger, clock, predictions, underWay } = parts
  const url = process.env[URL_SETTING]
  const { signal } = underWay
  const sender =
    url === undefined
      ? undefined
      : createLineageSender({ metadata, project, logger, directory: predictions.secret, signal }, url)
  let next = clock.elapsed()
  return {
    async advance() {
      if (clock.elapsed() < next) return
      next = clock.elapsed() + MINUTE
      await bringUpToDate(parts)
      await sender?.advance()
    },
  }
}
