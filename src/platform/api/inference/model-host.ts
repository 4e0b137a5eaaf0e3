import type { TensorModel } from '../../../models/inference/tensor.ts'

/** A version of a model, as the index of the model repository lists it. */
export interface IndexEntry {
  readonly name: string
  readonly version: string
  readonly state: 'READY' | 'UNAVAILABLE'
  /** Why it is in this state; empty where there is nothing to say. */
  readonly reason: string
}

/** Who has the models that the inference protocol serves. */
export interface ModelHost {
  /**
   * What serves under a name.
   * @param version the one that serves when none is given
   * @throws TruelineError `unknown_model`, `unknown_version`, `no_model_serving`
   */
  model(name: string, version: string | undefined): TensorModel
  /** All registered versions of all models. */
  index(): Promise<readonly IndexEntry[]>
  /**
   * Lets the version of record serve: the one promoted last. It approves and promotes nothing.
   * @throws TruelineError `unknown_model`, `no_model_serving` where none was promoted
   */
  load(name: string): Promise<void>
  /**
   * Ends the serving of a model until it is loaded again or a version is promoted.
   * @throws TruelineError `unknown_model`
   */
  unload(name: string): Promise<void>
}
