// A registered symbol, so that a config that imports the package and a loader that runs from the sources agree.
const mentions = Symbol.for('trueline.mentions')

/**
 * Adds what a definition offers beyond its data: methods, and the definitions that it mentions. None of it is
 * enumerable, so that the definition stays plain data to JSON, digests and comparisons.
 */
export function withHidden<Data extends object, Methods extends object>(
  data: Data,
  mentioned: readonly unknown[],
  methods: Methods,
): Data & Methods {
  Object.defineProperty(data, mentions, { value: mentioned.filter((value) => value !== undefined) })
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(data, name, { value })
  return data as Data & Methods
}

/** The definitions that a definition mentions directly. */
export function mentionedBy(definition: unknown): readonly unknown[] {
  if (typeof definition !== 'object' || definition === null) return []
  return (definition as { [mentions]?: readonly unknown[] })[mentions] ?? []
}
