import { readdirSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'
import { codeDigest } from '../src/models/training/pipeline/code-digest.ts'

/** What is started by its path: the package's entry points, and whatever runs in a thread or a process of its own. */
const ENTRIES = /^(index|platform[\\/]cli[\\/]main|.*-(worker|child|guard))\.ts$/

/** Packages of hundreds of small modules, each of which would be looked for, read and linked at every start. */
const TAKEN_IN = /^(typebox|kysely|@duckdb\/node-api)(\/|$)/

/**
 * Writes the package's JavaScript: entry points where their sources are, and what they share in `chunks/`. Modules still find what
 * is beside them by `import.meta`, as if they stood where their sources do.
 * @param source folder of the sources
 * @param output folder, whose other files stay
 * @param entries which of its files are entry points
 */
export async function bundle(source: string, output: string, entries = ENTRIES): Promise<void> {
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => entries.test(name))
  const bundled = await rolldown({
    input: Object.fromEntries(names.map((name) => [name.replace(/\.ts$/, ''), join(source, name)])),
    platform: 'node',
    external: (id) => !/^[./]|^[A-Z]:/.test(id) && !TAKEN_IN.test(id),
    transform: { define: { BUILT_CODE_DIGEST: JSON.stringify(codeDigest()) } },
    plugins: [keepPlaces(source)],
  })
  await bundled.write({
    dir: output,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  })
  await bundled.close()
}

/** Lets `import.meta.url` and `import.meta.dirname` of a module be those of its own place, whichever chunk it comes to. */
function keepPlaces(source: string): Plugin {
  return {
    name: 'keep-places',
    transform(code, id) {
      if (!id.startsWith(source) || !code.includes('import.meta')) return null
      const place = relative(source, id).split(sep).join('/').replace(/\.ts$/, '.js')
      return usesOfMeta(this.parse(code, { lang: 'ts' })).reduceRight(
        (text, { start, end, member }) =>
          `${text.slice(0, start)}PLACE_${member}(${JSON.stringify(place)})${text.slice(end)}`,
        code,
      )
    },
    renderChunk(code, { fileName }) {
      return code.replace(/PLACE_(url|dirname)\("([^"]+)"\)/g, (_, member: string, place: string) => {
        const way = relative(dirname(fileName), place).split(sep).join('/')
        if (member === 'url') return `new URL(${JSON.stringify(way)}, import.meta.url).href`
        return `(import.meta.dirname + ${JSON.stringify(`/${dirname(way)}`)})`
      })
    },
  }
}

interface UseOfMeta {
  readonly start: number
  readonly end: number
  readonly member: string
}

/** Where a module asks for a member of `import.meta`, in the order of the text. */
function usesOfMeta(node: unknown): UseOfMeta[] {
  if (Array.isArray(node)) return node.flatMap(usesOfMeta)
  if (typeof node !== 'object' || node === null) return []
  const { type, object, property, start, end } = node as SyntaxNode
  if (type === 'MemberExpression' && object?.type === 'MetaProperty') return [{ start, end, member: property!.name }]
  return Object.values(node).flatMap(usesOfMeta)
}

interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly object?: { readonly type: string }
  readonly property?: { readonly name: string }
}
