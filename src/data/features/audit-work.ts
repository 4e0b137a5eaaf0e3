import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { type AuditFindings, auditVectors, joinVectors, type VectorAudit, type VectorsToCheck } from './parity-audit.ts'

/** What is to be audited of one version, as plain data that can be handed from one thread to another. */
export interface AuditWork extends Required<Pick<VectorAudit, 'meaning' | 'digests' | 'changed' | 'masked'>> {
  /** Of several blocks, in order. */
  readonly vectors: readonly VectorsToCheck[]
  /** Paths of the files in the lake, by stream: they reach at least to the recorded offsets. */
  readonly eventFiles: Readonly<Record<string, readonly string[]>>
  readonly temporaryFolder: string
  /** What was found before; the same findings go on. */
  readonly findings: AuditFindings
}

/** So few are recomputed beside everything else, on one core. */
const FEW_ROWS = 5000

/** Does the work, and gives the findings with what it found. */
export async function doAudit({
  vectors,
  eventFiles,
  temporaryFolder,
  findings,
  ...how
}: AuditWork): Promise<AuditFindings> {
  const joined = joinVectors(vectors)
  const threads = joined.asked.length > FEW_ROWS ? {} : { threads: 1 }
  const duckdb = await openDuckdb({ ...threads, memory: '2GB', temporaryFolder })
  try {
    const audit = { ...how, vectors: joined, eventFiles: (stream: string) => eventFiles[stream] ?? [] }
    await duckdb.withConnection((connection) => auditVectors(connection, audit, findings))
    return findings
  } finally {
    duckdb.close()
  }
}
