import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import { type AuditWork, doAudit } from './audit-work.ts'
import type { AuditFindings, VectorsToCheck } from './parity-audit.ts'

/** What the thread of an audit is told: vectors to check, or the rest. */
export type AuditRequest = VectorsToCheck | Omit<AuditWork, 'vectors'>

/** What it answers to the rest. */
export type AuditReply =
  | { readonly findings: AuditFindings }
  | {
      readonly error: {
        readonly code: ErrorCode
        readonly message: string
        readonly path?: string
        readonly remedy: string
      }
    }

/** Recomputes what is audited. */
export interface VectorAuditor {
  /** Does the work, and gives the findings with what it found; nothing is left of the vectors. */
  audit(work: AuditWork): Promise<AuditFindings>
  /** From here on in threads of their own, so that nobody who is served meanwhile waits. */
  moveOut(): void
}

/** Works in the calling thread until it is told to move out: a command that audits once need not wait for a thread to start. */
export function createVectorAuditor(): VectorAuditor {
  let isOutside = false
  return {
    audit: (work) => (isOutside ? auditInThread(work) : doAudit(work)),
    moveOut() {
      isOutside = true
    },
  }
}

async function auditInThread({ vectors, ...rest }: AuditWork): Promise<AuditFindings> {
  const worker = new Worker(workerUrl(import.meta.url, './audit-worker.ts'), { execArgv: [] })
  try {
    const answered = once(worker, 'message') as Promise<[AuditReply]>
    // Looked at when all is sent; until then a failure must not count as unhandled.
    answered.catch(() => undefined)
    for (const part of vectors) {
      send(part)
      // Some thousand rows take a millisecond or two, and others have their turn in between.
      await setImmediate()
    }
    worker.postMessage(rest)
    const [reply] = await answered
    if ('findings' in reply) return reply.findings
    const { code, message, ...where } = reply.error
    throw new TruelineError(code, message, where)
  } finally {
    await worker.terminate()
  }

  function send(part: VectorsToCheck): void {
    const { asked, served, statuses } = part
    const columns = [asked.t, ...asked.offsets, ...served, ...statuses]
    worker.postMessage(
      part,
      columns.map(({ buffer }) => buffer as ArrayBuffer),
    )
  }
}
