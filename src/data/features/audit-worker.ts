import { parentPort } from 'node:worker_threads'
import { asTruelineError } from '../../core/errors.ts'
import { threadGivesWay } from '../../core/give-way.ts'
import type { AuditReply, AuditRequest } from './audit-thread.ts'
import { doAudit } from './audit-work.ts'
import type { VectorsToCheck } from './parity-audit.ts'

// One audit: its vectors as they come, and then what else there is to know.
threadGivesWay()
const vectors: VectorsToCheck[] = []

parentPort!.on('message', async (request: AuditRequest) => {
  if ('asked' in request) {
    vectors.push(request)
    return
  }
  try {
    reply({ findings: await doAudit({ ...request, vectors }) })
  } catch (thrown) {
    const { code, message, path, remedy } = asTruelineError(thrown)
    reply({ error: { code, message, remedy, ...(path === undefined ? {} : { path }) } })
  }
})

function reply(message: AuditReply): void {
  parentPort!.postMessage(message)
}
