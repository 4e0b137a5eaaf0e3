import { checkOptions } from './check-options.ts'
import type { EncodedInput, PlainInput } from './definitions.ts'
import type { Category, EncodingDefinition, ScaleMethod } from './encoding-definition.ts'
import { inputOf, type Whole } from './input-of.ts'
import { withHidden } from './mentions.ts'
import type { Requires } from './requirement.ts'

declare const unencoded: unique symbol

/** Columns of the row that a model can only take encoded: models take numbers. */
export interface Unencoded {
  readonly [unencoded]: true
}

type Encodable = Whole | PlainInput | Unencoded

type Encoded<Row> = EncodedInput & Requires<Row>

const DEFAULT_MOST = 20
const DEFAULT_SMOOTHING = 20

/**
 * Encodings of inputs, for the `features` of a model. Each is fitted on the training rows alone and is a part of the
 * version; the vector that is served, logged and audited is the one before it. A null stays missing in all of them.
 * @example features: [delays, encode.oneHot(departures.pick('carrier')), encode.target(departures.pick('origin'))]
 */
export const encode = {
  /**
   * A column for each of the `most` (20) most frequent categories: 1 where the value is that one, else 0. A category that
   * is none of them is 0 everywhere.
   */
  oneHot<Row>(input: Encodable & Requires<Row>, options: { readonly most?: number } = {}): Encoded<Row> {
    checkOptions('encode.oneHot', options, { most: true })
    return encoded(input, { kind: 'oneHot', most: options.most ?? DEFAULT_MOST })
  },

  /**
   * The place of the category from 0 on: in the order given, or else in the order of texts by code unit, of numbers by
   * size. An unknown category is -1.
   */
  ordinal<Row>(input: Encodable & Requires<Row>, options: { readonly order?: readonly Category[] } = {}): Encoded<Row> {
    checkOptions('encode.ordinal', options, { order: true })
    const { order } = options
    return encoded(input, { kind: 'ordinal', ...(order === undefined ? {} : { order }) })
  },

  /**
   * The category itself, for a model that `gbdt` learns: its trees part categories by sets of them, as LightGBM's and XGBoost's do,
   * which says more than an order can. The most frequent ones (`maxBins`, at most 254) can be in a set; a rare or an unknown one
   * and a null go where all others go.
   */
  category<Row>(input: Encodable & Requires<Row>): Encoded<Row> {
    return encoded(input, { kind: 'category' })
  },

  /**
   * The mean outcome of the category, as if `smoothing` (20) rows more had had the mean of all. A training row sees only
   * outcomes that counted before its t; what serves sees those of all training rows. An unknown category is the mean of all.
   * Of several classes it is a column for each, with the share of the category's rows that are of the class.
   */
  target<Row>(input: Encodable & Requires<Row>, options: { readonly smoothing?: number } = {}): Encoded<Row> {
    checkOptions('encode.target', options, { smoothing: true })
    return encoded(input, { kind: 'target', smoothing: options.smoothing ?? DEFAULT_SMOOTHING })
  },

  /** The number of edges at or below the value: edges given in ascending order, or quantiles of the training rows. */
  bucket<Row>(
    input: Encodable & Requires<Row>,
    options: { readonly edges: readonly number[] } | { readonly quantiles: number },
  ): Encoded<Row> {
    checkOptions('encode.bucket', options, { edges: true, quantiles: true })
    return encoded(input, { kind: 'bucket', ...options })
  },

  /**
   * The distance from the mean in standard deviations (`standard`), from the smallest value in ranges (`minMax`), or from
   * the median in interquartile ranges (`robust`); where a spread is 0, the distance itself. Nothing is cut off.
   */
  scale<Row>(input: Encodable & Requires<Row>, by: ScaleMethod): Encoded<Row> {
    return encoded(input, { kind: 'scale', by })
  },

  /**
   * As it is, texts too, for a model that a program of the project trains (`command`): the program sees the texts, and its model
   * says what becomes of them, as the categories of LightGBM and XGBoost do.
   */
  byProgram<Row>(input: Encodable & Requires<Row>): PlainInput & Requires<Row> {
    const given = input as Exclude<Encodable, Unencoded>
    return withHidden({ ...inputOf(given, 'encode') } as PlainInput, [given], {}) as PlainInput & Requires<Row>
  },
}

function encoded<Row>(input: Encodable, encoding: EncodingDefinition): Encoded<Row> {
  const given = input as Exclude<Encodable, Unencoded>
  return withHidden({ kind: 'encoded' as const, encoding, input: inputOf(given, 'encode') as PlainInput }, [given], {})
}
