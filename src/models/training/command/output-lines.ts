/** A longer line is cut: a program that writes no ends of lines fills no memory. */
const MOST_CHARACTERS = 2000

/** Takes the bytes that a program writes, and gives the lines that they make. */
export interface OutputLines {
  take(bytes: Uint8Array): void
  /** Gives what has come since the last end of a line. */
  end(): void
}

/**
 * Lines of UTF-8, however the bytes come. What is no UTF-8 is U+FFFD, control characters are left out, and of a line that is
 * written over and over, as bars of progress are, the last state counts.
 */
export function outputLines(onLine: (line: string) => void): OutputLines {
  const decoder = new TextDecoder('utf-8')
  let line = ''
  let cut = 0

  function add(text: string): void {
    const restart = text.lastIndexOf('\r')
    if (restart !== -1) {
      line = ''
      cut = 0
    }
    const taken = text.slice(restart + 1)
    const room = MOST_CHARACTERS - line.length
    line += taken.slice(0, room)
    cut += Math.max(0, taken.length - room)
  }

  function finish(): void {
    const plain = plainLine(line)
    if (plain !== '' || cut > 0) onLine(cut === 0 ? plain : `${plain} ... and ${cut} characters more`)
    line = ''
    cut = 0
  }

  function takeText(text: string): void {
    const parts = text.replaceAll('\r\n', '\n').split('\n')
    for (const [index, part] of parts.entries()) {
      add(part)
      if (index < parts.length - 1) finish()
    }
  }

  return {
    take: (bytes) => takeText(decoder.decode(bytes, { stream: true })),
    end() {
      takeText(decoder.decode())
      finish()
    },
  }
}

/** A line without what a terminal would obey. */
export function plainLine(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, '').trimEnd()
}
