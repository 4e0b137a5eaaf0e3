import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../core/time.ts'
import { checkProject } from './check-project.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { limits } from './limits.ts'

test('without options every member has its default', () => {
  expect(limits()).toEqual({
    ...{ kind: 'limits', deadline: 10 * SECOND, body: 16 * 2 ** 20, connections: 10_000, notice: 0 },
    ...{
      queue: { requests: 1024, bytes: 64 * 2 ** 20 },
      breaker: { failures: 5, slow: 5 * SECOND, pause: 10 * SECOND },
    },
  })
})

test('a project carries its limits, and they survive being stored', () => {
  const rate = { requests: 100, per: '1m', header: 'X-Api-Key' } as const
  const project = collectProject([limits({ deadline: '500ms', rate })])
  expect(project.limits).toMatchObject({
    ...{ deadline: SECOND / 2, rate: { requests: 100, per: MINUTE, burst: 100, header: 'x-api-key', clients: 10_000 } },
  })
  expect(decodeProject(encodeProject(project))).toEqual(project)
})

test('a project has one definition of limits, and none that nothing could pass', () => {
  expect(() => collectProject([limits(), limits({ deadline: '1s' })])).toThrow(
    expect.objectContaining({ code: 'duplicate_definition' }),
  )
  const wrong = collectProject([
    limits({ deadline: '0s', queue: { requests: 0 }, body: 1.5, rate: { requests: 1, header: 'a b' } }),
  ])
  const complaint = (() => {
    try {
      checkProject(wrong)
      return ''
    } catch (thrown) {
      return (thrown as Error).message
    }
  })()
  for (const path of ['deadline', 'queue.requests', 'body', 'rate.header']) expect(complaint).toContain(path)
  expect(() => limits({ dedline: '1s' } as never)).toThrow(expect.objectContaining({ code: 'definition_invalid' }))
})
