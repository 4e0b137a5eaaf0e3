import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { assertedIdentity, platformIdentity } from '../../governance/identity.ts'
import { decideVersion, standingOf } from './decisions.ts'
import { logVersion } from './logged-versions.ts'
import { ada, model, temporaryRegistry } from './registry.fixture.ts'
import { promoteVersion } from './serving-history.ts'
import { readVersion } from './versions.ts'

const anna = assertedIdentity('anna')
const ben = assertedIdentity('ben')
const carl = assertedIdentity('carl')
const dora = assertedIdentity('dora')
const approvals = { needed: 2, of: ['anna', 'ben', 'carl'] }

/** A model that two of three people approve, with a version by ada. */
async function approvable(options: Partial<typeof approvals> & { reasons?: 'required' } = {}) {
  const registry = await temporaryRegistry()
  await registry.define({ approvals: { ...approvals, ...options } })
  await registry.register('first')
  const { metadata } = registry
  return {
    ...registry,
    vote: (by: typeof ada, reason?: string) =>
      decideVersion(metadata, { model, version: 1, decision: 'approve', by, reason }),
    reject: (by: typeof ada) => decideVersion(metadata, { model, version: 1, decision: 'reject', by, reason: 'leaks' }),
    standing: async () => standingOf(metadata, await readVersion(metadata, model, 1)),
  }
}

test('a version stays a candidate until enough of those who are named have approved it', async () => {
  await using registry = await approvable()
  expect(await registry.standing()).toEqual({ needed: 2, given: [], missing: 2, open: ['anna', 'ben', 'carl'] })
  expect(await registry.vote(anna, 'looks sound')).toMatchObject({ state: 'candidate', decisions: [] })
  expect(await registry.standing()).toMatchObject({ missing: 1, open: ['ben', 'carl'] })
  const early = promoteVersion(registry.metadata, { model, version: 1, expected: null, by: anna })
  await expect(early).rejects.toMatchObject({ code: 'not_approved' })
  registry.clock.advanceTo(5000)
  expect(await registry.vote(carl)).toMatchObject({
    state: 'approved',
    approvals: [
      { by: anna, reason: 'looks sound', at: 1000 },
      { by: carl, reason: null, at: 5000 },
    ],
    decisions: [{ decision: 'approve', by: carl }],
  })
  await expect(registry.vote(ben)).rejects.toMatchObject({ code: 'already_decided' })
  const { items } = await listAudit(registry.metadata.database, { target: 'late_flight/1', limit: 2 })
  expect(items.map(({ after }) => after)).toEqual([
    { state: 'approved', approvals: 2, needed: 2 },
    { state: 'candidate', approvals: 1, needed: 2 },
  ])
})

test('nobody counts twice, however the name is written, and nobody else counts', async () => {
  await using registry = await approvable({ of: ['anna', 'ben', 'ada'] })
  await registry.vote(anna)
  await expect(registry.vote(assertedIdentity('Anna'))).rejects.toMatchObject({ code: 'approved_before', status: 409 })
  await expect(registry.vote(dora)).rejects.toMatchObject({ code: 'approver_not_named', status: 403 })
  await expect(registry.vote(ada)).rejects.toMatchObject({ code: 'approval_by_author' })
  await expect(registry.vote(platformIdentity('gate'))).rejects.toMatchObject({ code: 'approver_not_named' })
  expect(await registry.standing()).toMatchObject({ missing: 1, open: ['ben'] })
})

test('a rejection counts at any time before there are approvals enough, and ends it', async () => {
  await using registry = await approvable()
  await registry.vote(anna)
  expect(await registry.reject(dora)).toMatchObject({ state: 'rejected' })
  await expect(registry.vote(ben)).rejects.toMatchObject({ code: 'already_decided' })
})

test('where the model asks for reasons, each approval has one', async () => {
  await using registry = await approvable({ reasons: 'required' })
  await expect(registry.vote(anna)).rejects.toMatchObject({ code: 'reason_required' })
  expect(await registry.vote(anna, 'checked by hand')).toMatchObject({ state: 'candidate' })
})

test('of approvals at once each counts, and one of them decides', async () => {
  await using registry = await approvable()
  const all = await Promise.allSettled([anna, ben, carl].map((by) => registry.vote(by)))
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(all[2]).toMatchObject({ reason: { code: 'already_decided' } })
  expect((await readVersion(registry.metadata, model, 1)).decisions).toHaveLength(1)
})

test('what an approver may no longer say does not count: the model decides who approves', async () => {
  await using registry = await approvable()
  await registry.vote(anna)
  await registry.define({ approvals: { needed: 2, of: ['ben', 'dora'] } })
  expect(await registry.standing()).toMatchObject({ given: [], missing: 2, open: ['ben', 'dora'] })
  await registry.vote(ben)
  expect(await registry.vote(dora)).toMatchObject({ state: 'approved' })
})

test('who logged a version does not approve what was made of it', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await registry.define()
  await logVersion(metadata, { model, source: 'x', by: anna })
  await registry.register('converted', { logged: 1 })
  const vote = decideVersion(metadata, { model, version: 1, decision: 'approve', by: anna })
  await expect(vote).rejects.toMatchObject({ code: 'approval_by_author' })
})

test('a clock that goes back leaves approvals in their order', async () => {
  await using registry = await approvable()
  registry.clock.advanceTo(9000)
  await registry.vote(anna)
  const back = { ...registry.metadata, clock: { ...registry.clock, now: () => 10 } }
  const { approvals: found } = await decideVersion(back, { model, version: 1, decision: 'approve', by: ben })
  expect(found.map(({ at }) => at)).toEqual([9000, 9000])
})
