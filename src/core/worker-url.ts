/**
 * Address of a worker's module beside the caller: `.ts` when the sources run directly, `.js` in the built package.
 * @param base the caller's `import.meta.url`
 * @param path the worker's path as written in the sources, such as './log-worker.ts'
 */
export function workerUrl(base: string, path: string): URL {
  return new URL(base.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js'), base)
}
