import { alertOperations } from './operations/alert-operations.ts'
import { artifactOperations } from './operations/artifact-operations.ts'
import { auditOperations } from './operations/audit-operations.ts'
import { batchOperations } from './operations/batch-operations.ts'
import { contractOperations } from './operations/contract-operations.ts'
import { deadLetterOperations } from './operations/dead-letter-operations.ts'
import { decisionOperations } from './operations/decision-operations.ts'
import { definitionOperations } from './operations/definition-operations.ts'
import { experimentOperations } from './operations/experiment-operations.ts'
import { featureOperations } from './operations/feature-operations.ts'
import { lakeOperations } from './operations/lake-operations.ts'
import { lineageOperations } from './operations/lineage-operations.ts'
import { loadTestOperations } from './operations/load-test-operations.ts'
import { modelOperations } from './operations/model-operations.ts'
import type { Operation } from './operations/operation.ts'
import { predictionLogOperations } from './operations/prediction-log-operations.ts'
import { qualityOperations } from './operations/quality-operations.ts'
import { readinessOperations } from './operations/readiness-operations.ts'
import { registryOperations } from './operations/registry-operations.ts'
import { retrainingOperations } from './operations/retraining-operations.ts'
import { runOperations } from './operations/run-operations.ts'
import { signingOperations } from './operations/signing-operations.ts'
import { simulationOperations } from './operations/simulation-operations.ts'
import { sourceOperations } from './operations/source-operations.ts'
import { streamingOperations } from './operations/streaming-operations.ts'
import { truthOperations } from './operations/truth-operations.ts'

export type { Operation } from './operations/operation.ts'

/**
 * Everything that is asked by name: one table gives the HTTP routes under /api/v1, their documentation, and what the
 * command line sends to a running platform (or does itself when none runs).
 */
export const operations = {
  ...modelOperations,
  ...registryOperations,
  ...artifactOperations,
  ...auditOperations,
  ...runOperations,
  ...retrainingOperations,
  ...simulationOperations,
  ...signingOperations,
  ...contractOperations,
  ...experimentOperations,
  ...definitionOperations,
  ...featureOperations,
  ...truthOperations,
  ...lakeOperations,
  ...lineageOperations,
  ...predictionLogOperations,
  ...decisionOperations,
  ...sourceOperations,
  ...streamingOperations,
  ...batchOperations,
  ...loadTestOperations,
  ...readinessOperations,
  ...alertOperations,
  ...qualityOperations,
  ...deadLetterOperations,
} satisfies Record<string, Operation>

export type OperationName = keyof typeof operations
