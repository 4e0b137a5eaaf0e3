import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { SECOND } from '../../core/time.ts'
import { planVector } from '../../data/features/vector.ts'
import type { ConsumerDefinition } from '../../language/define/consumer-definition.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { currentServing } from '../../models/registry/serving-history.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { type ContractBreach, contractBreaches } from '../../operate/releases/contract-breaches.ts'
import { breachSentence, contractVerdict } from '../../operate/releases/contract-verdict.ts'
import { contractCases } from '../../operate/serving/contract-cases.ts'
import { contractChanges } from '../../operate/serving/contract-changes.ts'
import { loadContract } from '../../operate/serving/load-version.ts'
import { contractOf, type ModelContract, type ServedContract } from '../../operate/serving/model-contract.ts'
import type { Protection } from '../../operate/serving/protection/protection.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { ContractAnswer, ContractDiffAnswer, ContractTestsAnswer } from '../api/model-contract-answers.ts'
import { type Servings, servingOf } from './predicting.ts'
import { damageCodes } from './unservable.ts'

/** Callers that a sentence names. */
const MOST_NAMED = 10

export interface ContractParts {
  readonly project: ProjectDefinition
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly servings: Servings
  readonly protection: Pick<Protection, 'callers'>
  readonly clock: Clock
}

/** The contract of a version, by default of the one that serves. */
export async function showContract(parts: ContractParts, model: string, version?: number): Promise<ContractAnswer> {
  const number = version ?? servingNumber(parts, model)
  const { content, digest } = await contractOfVersion(parts, model, number)
  const serving = servingOf(parts.servings, model).served?.version === number
  return { model, version: number, serving, digest, contract: content, consumers: consumersOf(parts, model) }
}

/** What differs between the contracts of two versions. */
export async function diffContracts(
  parts: ContractParts,
  model: string,
  from: number,
  to: number,
): Promise<ContractDiffAnswer> {
  const [before, after] = [await contractOfVersion(parts, model, from), await contractOfVersion(parts, model, to)]
  const changes = contractChanges(before.content, after.content)
  const breaches = contractBreaches(before.content, after.content, consumersOf(parts, model))
  const compatible = breaches.length === 0
  const callers = parts.protection.callers.of(model, parts.clock.now())
  const verdict = contractVerdict(changes, breaches, from, to)
  const sentence = compatible ? verdict : `${verdict}${alsoSeen(parts, model)}`
  return { model, from, to, compatible, sentence, changes, breaches, callers }
}

/** Rows for a caller's own tests of a version, by default of the one that serves. */
export async function testsOfContract(
  parts: ContractParts,
  model: string,
  version?: number,
): Promise<ContractTestsAnswer> {
  const number = version ?? servingNumber(parts, model)
  const { content, digest } = await contractOfVersion(parts, model, number)
  const { request, response } = content
  const now = Math.floor(parts.clock.now() / SECOND) * SECOND
  return {
    ...{ model, version: number, digest, response, cases: contractCases(content, now) },
    ...(request.time === undefined ? {} : { time: request.time }),
  }
}

/**
 * What letting a version serve would break. The version that serves by the registry counts also where it could not be
 * loaded.
 */
export async function breachesOfRelease(
  parts: ContractParts,
  model: string,
  version: number,
): Promise<readonly ContractBreach[]> {
  const { content } = await contractOfVersion(parts, model, version)
  return contractBreaches(await contractInForce(parts, model), content, consumersOf(parts, model))
}

/** The refusal of a version that would break its callers. */
export function contractBreaking(
  parts: ContractParts,
  model: string,
  version: number,
  breaches: readonly ContractBreach[],
): TruelineError {
  const [first] = breaches
  return new TruelineError(
    'contract_breaking',
    `${model} v${version} would break its callers. ${breaches.map(breachSentence).join(' ')}${alsoSeen(parts, model)}`,
    {
      path: `${first!.part}.${first!.name}`,
      remedy: `Keep what callers rely on, or agree with them and break it on purpose: trueline promote ${model} ${version} --breaking --reason WHY`,
    },
  )
}

/** A sentence that names callers who came and are no declared consumers, the newest first; empty where there is none. */
function alsoSeen(parts: ContractParts, model: string): string {
  const declared = new Set(consumersOf(parts, model).map(({ name }) => name))
  const seen = parts.protection.callers.of(model, parts.clock.now()).filter(({ caller }) => !declared.has(caller))
  if (seen.length === 0) return ''
  const names = seen.slice(0, MOST_NAMED).map(({ caller, count }) => `${caller} (${count})`)
  const more = seen.length > MOST_NAMED ? ` and ${seen.length - MOST_NAMED} more` : ''
  return ` Also seen: ${names.join(', ')}${more}.`
}

async function contractInForce(parts: ContractParts, model: string): Promise<ModelContract | undefined> {
  const { served } = servingOf(parts.servings, model)
  if (served !== undefined) return served.contract.content
  const current = await currentServing(parts.metadata, model)
  if (current === undefined) return undefined
  try {
    return (await contractOfVersion(parts, model, current.version)).content
  } catch (thrown) {
    if (!(thrown instanceof TruelineError && damageCodes.has(thrown.code))) throw thrown
    // What cannot serve any more must not keep another version from it; its definitions say the same.
    const version = await readVersion(parts.metadata, model, current.version)
    const project = await readVersionDefinition(parts.metadata, version)
    return contractOf(project.models[model]!, project, planVector(project.models[model]!, project, version.variant))
  }
}

async function contractOfVersion(parts: ContractParts, model: string, number: number): Promise<ServedContract> {
  servingOf(parts.servings, model)
  const version = await readVersion(parts.metadata, model, number)
  return await loadContract(version, await readVersionDefinition(parts.metadata, version), parts.artifacts)
}

function servingNumber(parts: ContractParts, model: string): number {
  const { served } = servingOf(parts.servings, model)
  if (served !== undefined) return served.version
  throw new TruelineError('unknown_version', `No version of '${model}' serves yet, and none is named.`, {
    path: model,
    remedy: 'Name a version, such as MODEL@1; `trueline models` lists them.',
  })
}

/** Who relies on a model, by the definitions in force. */
function consumersOf({ project }: ContractParts, model: string): readonly ConsumerDefinition[] {
  return project.models[model]?.serve.consumers ?? []
}
