import type { Forest } from '../forest.ts'
import type { LinearModel } from '../linear-model.ts'
import type { ForeignModel } from './foreign-model.ts'

/**
 * A model whose scores stand in another order; each margin keeps its bits.
 * @param places for each output the place that it had, each place once
 */
export function orderOutputs(model: ForeignModel['model'], places: readonly number[]): ForeignModel['model'] {
  return model.kind === 'linear'
    ? { kind: 'linear', linear: orderLinear(model.linear, places) }
    : { kind: 'forest', forest: orderForest(model.forest, places) }
}

function orderLinear(linear: LinearModel, places: readonly number[]): LinearModel {
  const inputs = linear.featureNames.length
  const weights = new Float64Array(linear.weights.length)
  for (const [output, place] of places.entries())
    weights.set(linear.weights.subarray(place * inputs, (place + 1) * inputs), output * inputs)
  return { ...linear, intercepts: Float64Array.from(places, (place) => linear.intercepts[place]!), weights }
}

function orderForest(forest: Forest, places: readonly number[]): Forest {
  const { baseMargins, leafWidth, nodes, treeOutputs } = forest
  const ordered = { ...forest, baseMargins: places.map((place) => baseMargins[place]!) }
  if (leafWidth === 1) return { ...ordered, treeOutputs: treeOutputs.map((place) => places.indexOf(place)) }
  const value = nodes.value.map((_, at) => {
    const output = at % leafWidth
    return nodes.value[at - output + places[output]!]!
  })
  return { ...ordered, nodes: { ...nodes, value } }
}
