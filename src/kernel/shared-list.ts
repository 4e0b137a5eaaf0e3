/** A list in which equal things are one. */
export function sharedList<Item>() {
  const indexes = new Map<string, number>()
  const items: Item[] = []
  return {
    items,
    indexOf(key: string, create: () => Item): number {
      let index = indexes.get(key)
      if (index === undefined) {
        index = items.push(create()) - 1
        indexes.set(key, index)
      }
      return index
    },
  }
}
