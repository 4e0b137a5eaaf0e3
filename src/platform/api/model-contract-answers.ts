import type { ConsumerDefinition } from '../../language/define/consumer-definition.ts'
import type { ContractBreach } from '../../operate/releases/contract-breaches.ts'
import type { ContractCase } from '../../operate/serving/contract-cases.ts'
import type { ContractChange } from '../../operate/serving/contract-changes.ts'
import type { ModelContract } from '../../operate/serving/model-contract.ts'
import type { SeenCaller } from '../../operate/serving/protection/callers.ts'

/** The contract of a version, and who relies on the model. */
export interface ContractAnswer {
  readonly model: string
  readonly version: number
  /** Whether this version serves. */
  readonly serving: boolean
  /** Digest of the contract, by which answers name it. */
  readonly digest: string
  readonly contract: ModelContract
  readonly consumers: readonly ConsumerDefinition[]
}

/** What differs between the contracts of two versions, and what of it would break somebody. */
export interface ContractDiffAnswer {
  readonly model: string
  readonly from: number
  readonly to: number
  readonly compatible: boolean
  readonly sentence: string
  readonly changes: readonly ContractChange[]
  readonly breaches: readonly ContractBreach[]
  /** Who was seen to ask the model, the newest first, declared or not. */
  readonly callers: readonly SeenCaller[]
}

/** Rows for a caller's own tests of a model, with what becomes of each. */
export interface ContractTestsAnswer {
  readonly model: string
  readonly version: number
  readonly digest: string
  /** The column that is t: a row is asked about the time at which it is sent, unless its time is what is wrong with it. */
  readonly time?: string
  readonly response: ModelContract['response']
  readonly cases: readonly ContractCase[]
}
