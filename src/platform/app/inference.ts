import { TruelineError } from '../../core/errors.ts'
import type { TensorModel } from '../../models/inference/tensor.ts'
import type { ModelServing } from '../../operate/serving/model-serving.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import { createInferenceService, type InferenceService } from '../api/inference/inference-service.ts'
import type { IndexEntry } from '../api/inference/model-host.ts'
import type { Parts } from './assemble-platform.ts'
import { loadModel, unloadModel } from './load-models.ts'
import { rawModelOf } from './raw-model.ts'
import { listModels } from './releasing.ts'

/**
 * The Open Inference Protocol over the models of a platform.
 * @param servingOf the serving side of a model, while the platform runs
 * @param release changes of what serves, one at a time
 */
export function createInference(
  parts: Parts,
  servingOf: (model: string) => ModelServing,
  release: (change: () => Promise<void>) => Promise<void>,
): InferenceService {
  const { log, engine, servings, clock, underWay, rawModels, protection } = parts
  /** As long as the same version serves, the same model is given; one that is unloaded is held by nobody. */
  const models = new WeakMap<ServedVersion, TensorModel>()

  function model(name: string, version: string | undefined): TensorModel {
    const found = rawModels.has(name) ? rawModels.model(name) : versionServing(name)
    if (version !== undefined && version !== found.version)
      throw new TruelineError('unknown_version', `Model '${name}' serves version ${found.version}, not ${version}.`)
    return found
  }

  function versionServing(name: string): TensorModel {
    const serving = servingOf(name)
    let found = serving.served === undefined ? undefined : models.get(serving.served)
    if (found === undefined) {
      found = rawModelOf(serving, name, log, engine.dictionary, protection.slices)
      models.set(serving.served!, found)
    }
    return found
  }

  async function index(): Promise<readonly IndexEntry[]> {
    const entries: IndexEntry[] = []
    for (const { model: name, version, state } of await listModels(parts)) {
      const serving = servings.get(name)
      const isReady = serving?.served?.version === version
      const reason = isReady ? '' : serving?.isWithdrawn === true ? 'unloaded' : `${state}, does not serve`
      entries.push({ name, version: String(version), state: isReady ? 'READY' : 'UNAVAILABLE', reason })
    }
    return [...entries, ...rawModels.index()]
  }

  function load(name: string): Promise<void> {
    return rawModels.has(name) ? rawModels.load(name, 'inference_protocol') : loadModel(parts, name)
  }

  const service = createInferenceService(
    {
      model,
      index: () => underWay.run(index),
      load: (name) => underWay.run(() => release(() => load(name))),
      unload: (name) =>
        underWay.run(() => release(() => (rawModels.has(name) ? rawModels.unload(name) : unloadModel(parts, name)))),
    },
    clock,
  )
  return {
    ...service,
    infer(name, version, read, write, onGone) {
      const answer = service.infer(name, version, read, write, onGone)
      // The end of the platform waits for answers that wait for the disk.
      return answer instanceof Promise ? underWay.run(() => answer) : answer
    },
  }
}
