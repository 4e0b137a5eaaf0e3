import { mkdtempDisposable } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, virtualClock } from '../../../core/clock.ts'
import type { TruelineError } from '../../../core/errors.ts'
import { limits } from '../../../language/define/limits.ts'
import { createLoadTests } from '../../../operate/serving/load-test-mode.ts'
import { createProtection } from '../../../operate/serving/protection/protection.ts'
import { openArtifacts } from '../../../stores/artifacts/artifacts.ts'
import { openMetadata } from '../../../stores/metadata/metadata.ts'
import type { Platform } from '../platform.ts'
import { createServer } from '../server.ts'

/** The server over an empty metadata store and artifacts in a folder of its own, without a platform behind it. */
export async function trackingServer() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-tracking-'))
  const clock = virtualClock(1_000_000)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const blobs = join(folder.path, 'artifacts')
  const artifacts = await openArtifacts(blobs)
  const tracking = { metadata, artifacts, run: <Result>(work: () => Promise<Result>) => work() }
  const defects: TruelineError[] = []
  const app = createServer({ tracking } as unknown as Platform, {
    ...{ version: '0', consoleFolder: '/nowhere', loadTests: createLoadTests(systemClock()) },
    protection: createProtection(limits({}), systemClock()),
    onDefect: (error) => void defects.push(error),
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    ...{ url, port, clock, metadata, artifacts, blobs, defects, server: app.server },
    /** A call of the protocol by its path below `/api/2.0/mlflow`; fields go into the query of a GET, else into the body. */
    async call(method: string, path: string, fields: Readonly<Record<string, unknown>> = {}, headers = {}) {
      const query = method === 'GET' ? `?${new URLSearchParams(fields as Record<string, string>)}` : ''
      const answer = await fetch(`${url}/api/2.0/mlflow/${path}${query}`, {
        method,
        ...(method === 'GET'
          ? { headers }
          : { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(fields) }),
      })
      // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers as they come
      return { status: answer.status, body: (await answer.json()) as any }
    },
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections()
      await app.close()
      await metadata.close()
      await folder.remove()
    },
  }
}

/** Begins a run. @returns its id */
export async function newRun(
  { call }: Awaited<ReturnType<typeof trackingServer>>,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return (await call('POST', 'runs/create', { experiment_id: '0', ...fields })).body.run.info.run_id
}
