import { canonicalJson } from '../../../core/canonical.ts'
import { formatTime } from '../../../core/time.ts'
import { describeFeature } from '../../../language/define/logic.ts'
import { plural } from '../../../operate/monitoring/words.ts'
import { newestEvents } from '../../app/newest-events.ts'
import type { OwnedPlatform } from '../../app/open-platform.ts'
import { planOfGroup } from '../../app/plan-of-group.ts'

/** Which feature of which entity, and when. */
export interface AskedFeature {
  readonly group: string
  readonly feature: string
  readonly key: Readonly<Record<string, unknown>>
  /** Microseconds. */
  readonly t: number
}

/**
 * What a feature means and the events that its value was made from, a line each.
 * @param rowOf the row of an event of the group's stream as it may be shown, where the test gave it
 */
export async function reasonsOf(
  platform: OwnedPlatform,
  { group, feature, key, t }: AskedFeature,
  rowOf: (stream: string, id: string) => string | undefined,
): Promise<string[]> {
  const { project, parts } = platform
  const { log, lake } = parts
  const definition = project.features[group]!
  const entity = project.entities[definition.entity]!
  const plan = planOfGroup(definition, entity)
  const place = plan.groups[0]!.features.indexOf(feature)
  await lake.flush()
  const asked = {
    t,
    row: canonicalJson(key),
    cut: [{ group, generation: log.generation, partition: 0, offset: log.nextOffset - 1 }],
  }
  const traced = await newestEvents(lake, { plan, project, schema: entity.key }, asked)
  const { total, newest } = traced(plan.inputs[place]!)!
  const events = newest.map(({ id, eventTime }) => `  ${formatTime(eventTime)}  ${rowOf(definition.from, id) ?? id}`)
  return [
    describeFeature(definition.select[feature]!),
    total === 0
      ? 'made from no event'
      : `made from ${plural(total, 'event')}${total > newest.length ? ', the newest of them' : ''}:`,
    ...events,
  ]
}
