import type { Clock } from '../../../core/clock.ts'
import { freeTensors, type OnGone, type Tensor, type TensorModel } from '../../../models/inference/tensor.ts'
import { matchInputs, matchOutputs } from './match-inputs.ts'
import type { ModelHost } from './model-host.ts'
import { type ModelStatistics, StatisticsCounter } from './statistics.ts'

/** What a request for inference carries, read from either protocol. */
export interface AskedInference {
  readonly id: string | undefined
  readonly inputs: readonly Tensor[]
  /** Names of the outputs that are wanted; all when absent or empty. */
  readonly outputs: readonly string[] | undefined
}

/** What a request for inference is answered with. */
export interface AnsweredInference {
  readonly id: string | undefined
  readonly model: TensorModel
  /** Those of the model, and what belongs to this answer. */
  readonly parameters: Readonly<Record<string, string>>
  readonly outputs: readonly Tensor[]
}

/** The Open Inference Protocol, whatever it is spoken over: the host of the models, with statistics of what was asked. */
export interface InferenceService extends Pick<ModelHost, 'model' | 'load' | 'unload' | 'index'> {
  /**
   * Runs a model.
   * @param read gives what the request carries, at once or later; what it throws counts as a failure of the model. Of large tensors nothing
   *   is left once the answer is made
   * @param write makes the answer, at once or later
   * @param onGone where whoever asks may go before the answer
   * @returns what `write` gave: at once where all is done at once
   * @throws TruelineError as `model` and `read` do, `invalid_request` where the tensors are not the model's, and what the
   *   model throws
   */
  infer<Reply>(
    name: string,
    version: string | undefined,
    read: (model: TensorModel) => AskedInference | Promise<AskedInference>,
    write: (answer: AnsweredInference) => Reply | Promise<Reply>,
    onGone?: OnGone,
  ): Reply | Promise<Reply>
  /**
   * Of all versions that were asked or serve; of those of one model, or of one version, when it is named.
   * @throws TruelineError as `model` does, for a name that is given
   */
  statistics(name: string | undefined, version: string | undefined): Promise<readonly ModelStatistics[]>
}

/** The protocol over a host of models; statistics begin at 0. */
export function createInferenceService(host: ModelHost, clock: Clock): InferenceService {
  const counters = new Map<string, Map<string, StatisticsCounter>>()

  function counterOf(name: string, version: string): StatisticsCounter {
    let versions = counters.get(name)
    if (versions === undefined) {
      versions = new Map()
      counters.set(name, versions)
    }
    let counter = versions.get(version)
    if (counter === undefined) {
      counter = new StatisticsCounter(name, version)
      versions.set(version, counter)
    }
    return counter
  }

  return {
    model: (name, version) => host.model(name, version),
    index: () => host.index(),
    load: (name) => host.load(name),
    unload: (name) => host.unload(name),

    infer(name, version, read, write, onGone) {
      const started = clock.elapsed()
      const model = host.model(name, version)
      const counter = counterOf(model.name, model.version)
      const failed = (thrown: unknown): never => {
        counter.failed(clock.elapsed() - started)
        throw thrown
      }
      const run = (asked: AskedInference) => {
        const inputs = matchInputs(model, asked.inputs)
        const wanted = matchOutputs(model, asked.outputs)
        const prepared = clock.elapsed()
        const said: [string, string][] = []
        const finish = (outputs: readonly Tensor[]) => {
          const inferred = clock.elapsed()
          const parameters = { ...model.parameters, ...Object.fromEntries(said) }
          return following(write({ id: asked.id, model, parameters, outputs }), (reply) => {
            const ended = clock.elapsed()
            const times = { input: prepared - started, infer: inferred - prepared, output: ended - inferred }
            counter.succeeded(inputs[0]?.shape[0] ?? 1, times, clock.now())
            freeTensors(asked.inputs)
            return reply
          })
        }
        return following(
          model.infer(inputs, wanted, onGone, (name, text) => said.push([name, text])),
          finish,
        )
      }
      try {
        const reply = following(read(model), run)
        return reply instanceof Promise ? reply.catch(failed) : reply
      } catch (thrown) {
        return failed(thrown)
      }
    },

    async statistics(name, version) {
      if (name === undefined) {
        for (const entry of await host.index()) if (entry.state === 'READY') counterOf(entry.name, entry.version)
        return [...counters.values()].flatMap((versions) => [...versions.values()]).map((counter) => counter.read())
      }
      const asked = version === undefined ? undefined : counters.get(name)?.get(version)
      if (asked !== undefined) return [asked.read()]
      const model = host.model(name, version)
      counterOf(model.name, model.version)
      const versions = [...(counters.get(name) ?? [])]
      return versions.filter(([one]) => version === undefined || one === version).map(([, counter]) => counter.read())
    },
  }
}

/** Goes on with what is there, or with what will be. */
function following<Given, Result>(
  given: Given | Promise<Given>,
  next: (given: Given) => Result | Promise<Result>,
): Result | Promise<Result> {
  return given instanceof Promise ? given.then(next) : next(given)
}
