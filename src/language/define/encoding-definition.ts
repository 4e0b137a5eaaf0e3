/** How a value becomes one number or several for a model: fitted on training rows, kept with the model's version. */
export type EncodingDefinition =
  /** One column for each of the most frequent categories. */
  | { readonly kind: 'oneHot'; readonly most: number }
  /** The place of the category: in the order given, or else in that of the categories themselves. */
  | { readonly kind: 'ordinal'; readonly order?: readonly Category[] }
  /** The category itself: trees part its values by sets, not by an order. */
  | { readonly kind: 'category' }
  /** The mean outcome of the category, drawn towards the mean of all as if by so many rows more. */
  | { readonly kind: 'target'; readonly smoothing: number }
  /** The number of edges at or below the value: edges given, or quantiles of the training rows. */
  | { readonly kind: 'bucket'; readonly edges: readonly number[] }
  | { readonly kind: 'bucket'; readonly quantiles: number }
  /** The distance from a center, in spreads. */
  | { readonly kind: 'scale'; readonly by: ScaleMethod }

/** A value of a categorical input. */
export type Category = string | number | boolean

/** Mean and standard deviation, smallest value and range, or median and interquartile range. */
export type ScaleMethod = 'standard' | 'minMax' | 'robust'
