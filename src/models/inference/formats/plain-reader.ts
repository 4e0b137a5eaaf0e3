import { fileFault, type ModelFormat } from './foreign-model.ts'

/** Reads members of a value that came out of JSON or the like, each of the type that it must have. */
export interface PlainReader {
  /** A member that is an object. */
  object(of: object, name: string): object
  objects(of: object, name: string): readonly object[]
  text(of: object, name: string): string
  /** Undefined where there is no such member. */
  optionalText(of: object, name: string): string | undefined
  /** An empty list where there is no such member. */
  texts(of: object, name: string): readonly string[]
  /** As many numbers as told, where it is told. */
  numbers(of: object, name: string, length?: number): readonly number[]
  has(of: object, name: string): boolean
}

/** Faults are told as those of a file of this format. */
export function plainReader(format: ModelFormat): PlainReader {
  const member = (of: object, name: string): unknown => (Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined)
  const fault = (name: string, what: string): Error => fileFault(format, `its '${name}' is not ${what}`)
  const isObject = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const isList = <Value>(value: unknown, isOne: (one: unknown) => one is Value): value is Value[] =>
    Array.isArray(value) && value.every(isOne)
  const isText = (value: unknown): value is string => typeof value === 'string'
  const isNumber = (value: unknown): value is number => typeof value === 'number'

  return {
    has: (of, name) => member(of, name) !== undefined,
    object(of, name) {
      const value = member(of, name)
      if (!isObject(value)) throw fault(name, 'an object')
      return value
    },
    objects(of, name) {
      const value = member(of, name)
      if (!isList(value, isObject)) throw fault(name, 'a list of objects')
      return value
    },
    text(of, name) {
      const value = member(of, name)
      if (!isText(value)) throw fault(name, 'a text')
      return value
    },
    optionalText(of, name) {
      const value = member(of, name)
      if (value !== undefined && !isText(value)) throw fault(name, 'a text')
      return value
    },
    texts(of, name) {
      const value = member(of, name) ?? []
      if (!isList(value, isText)) throw fault(name, 'a list of texts')
      return value
    },
    numbers(of, name, length) {
      const value = member(of, name)
      if (!isList(value, isNumber)) throw fault(name, 'a list of numbers')
      if (length !== undefined && value.length !== length)
        throw fault(name, `as long as it should be: ${value.length} numbers for ${length}`)
      return value
    },
  }
}
