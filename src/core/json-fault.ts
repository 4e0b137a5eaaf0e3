/** Where and why a text is no JSON. It shows nothing of the text, which may be about people. */
export interface JsonFault {
  /** Of the first character at fault, from 0; where something is missing at the end, behind the last character that is no space. */
  readonly offset: number
  /** What should be there, as a sentence goes on. */
  readonly because: string
}

/** Most characters that are looked through, which takes some milliseconds: others wait meanwhile. */
const LOOKED_THROUGH = 2 ** 20

const TAB = 0x09
const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const BYTE_ORDER_MARK = 0xfeff

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

/** What may come next. */
type Awaited = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma' | 'nothing'

/**
 * The first place at which a text ceases to be JSON.
 * @returns undefined for JSON, and where the fault lies behind what is looked through
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: number[] = []
  let awaited: Awaited = 'value'
  let at = 0
  const fault = (because: string): JsonFault => ({ offset: at, because })
  while (at < LOOKED_THROUGH) {
    const code = text.charCodeAt(at)
    if (code === SPACE || code === NEWLINE || code === CARRIAGE_RETURN || code === TAB) at += 1
    else if (at >= text.length) {
      if (awaited === 'nothing') return undefined
      at = text.trimEnd().length
      return fault(atTheEnd(text, open.at(-1)))
    } else if (awaited === 'nothing')
      return fault(
        code === CLOSING_BRACE || code === CLOSING_BRACKET
          ? 'this closes what was not opened'
          : 'the value ends before it, and nothing may follow',
      )
    else if (awaited === 'colon') {
      if (code !== COLON) return fault('a colon has to stand here')
      awaited = 'value'
      at += 1
    } else if (code === closingOf(open.at(-1)) && (awaited === 'comma' || awaited.endsWith('or end'))) {
      open.pop()
      awaited = open.length === 0 ? 'nothing' : 'comma'
      at += 1
    } else if (awaited === 'comma') {
      if (code !== COMMA)
        return fault(`a comma or the closing ${open.at(-1) === OPENING_BRACE ? 'brace' : 'bracket'} has to stand here`)
      awaited = open.at(-1) === OPENING_BRACE ? 'name' : 'value'
      at += 1
    } else if (code === QUOTE) {
      at += 1
      const because = skipString()
      if (because !== undefined) return at > LOOKED_THROUGH ? undefined : fault(because)
      awaited = awaited.startsWith('name') ? 'colon' : afterValue()
    } else if (awaited.startsWith('name')) return fault('a name in double quotes has to stand here')
    else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      open.push(code)
      awaited = code === OPENING_BRACE ? 'name or end' : 'value or end'
      at += 1
    } else {
      SCALAR.lastIndex = at
      if (!SCALAR.test(text))
        return fault(
          at === 0 && code === BYTE_ORDER_MARK
            ? 'a byte order mark stands before the JSON'
            : 'a value has to stand here',
        )
      at = SCALAR.lastIndex
      awaited = afterValue()
    }
  }
  return undefined

  function afterValue(): Awaited {
    return open.length === 0 ? 'nothing' : 'comma'
  }

  /** Goes on behind a string whose quote was passed; stays where it is at fault, and says why. */
  function skipString(): string | undefined {
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) {
        at += 1
        return undefined
      }
      if (code < SPACE) return 'a control character, such as the end of a line, stands in a string'
      if (code !== BACKSLASH) continue
      ESCAPE.lastIndex = at
      if (!ESCAPE.test(text)) return 'JSON has no such escape'
      at = ESCAPE.lastIndex - 1
    }
    return 'it ends within a string'
  }
}

function closingOf(opening: number | undefined): number | undefined {
  if (opening === undefined) return undefined
  return opening === OPENING_BRACE ? CLOSING_BRACE : CLOSING_BRACKET
}

function atTheEnd(text: string, opening: number | undefined): string {
  if (text.trim() === '') return 'it is empty'
  if (opening === undefined) return 'it ends where a value has to stand'
  return `it ends before the ${opening === OPENING_BRACE ? 'brace' : 'bracket'} that is open is closed`
}

/**
 * What is at fault in a text that is no JSON, to stand behind a sentence that says so.
 * @param before what stands before it where it is a part of something: its own first character is then none of that
 * @returns such as ` At line 2, column 14: a colon has to stand here.`; empty where it is not found
 */
export function whereNoJson(text: string, before?: Buffer): string {
  const fault = findJsonFault(text)
  if (fault === undefined) return ''
  const { offset, because } = fault
  return ` At ${placeOf(text, offset, before)}: ${because}.`
}

function placeOf(text: string, offset: number, before: Buffer | undefined): string {
  // Lines are not counted for milliseconds while others wait.
  if (before !== undefined && before.length > LOOKED_THROUGH)
    return `byte ${before.length + Buffer.byteLength(text.slice(1, offset)) + 1}`
  const passed = before === undefined ? text.slice(0, offset) : before.toString() + text.slice(1, offset)
  const column = passed.length - passed.lastIndexOf('\n')
  const line = passed.split('\n').length
  return line > 1 || text.includes('\n') ? `line ${line}, column ${column}` : `character ${column}`
}
