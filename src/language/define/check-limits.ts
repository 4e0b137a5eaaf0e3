import type { LimitsDefinition } from './limits-definition.ts'
import type { Mistakes } from './mistakes.ts'

const HEADER = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** Whether limits are numbers that something can be measured by. */
export function checkLimits(definition: LimitsDefinition, mistakes: Mistakes): void {
  const { queue, breaker, rate } = definition
  const counts = {
    ...{ 'queue.requests': queue.requests, 'queue.bytes': queue.bytes, body: definition.body },
    ...{ connections: definition.connections, 'breaker.failures': breaker.failures },
    ...(rate === undefined
      ? {}
      : { 'rate.requests': rate.requests, 'rate.burst': rate.burst, 'rate.clients': rate.clients }),
  }
  for (const [path, count] of Object.entries(counts))
    if (!(Number.isSafeInteger(count) && count > 0))
      mistakes.add('definition_invalid', path, `It must be a whole number above 0, not ${count}.`)
  const durations = {
    ...{ deadline: definition.deadline, 'breaker.slow': breaker.slow, 'breaker.pause': breaker.pause },
    ...(rate === undefined ? {} : { 'rate.per': rate.per }),
  }
  for (const [path, duration] of Object.entries(durations))
    if (duration === 0) mistakes.add('definition_invalid', path, 'It must be longer than 0.')
  if (rate?.header !== undefined && !HEADER.test(rate.header))
    mistakes.add('definition_invalid', 'rate.header', `'${rate.header}' is no name of a header.`)
}
