// A server of the predict benchmark: predict-server-child.ts ours FOLDER | echo. Asked for 'address' it gives its URL
// and path, for 'usage' what it has used up once everything that it took on is done; told to 'watch' it watches its event loop until
// it is asked for what it 'saw', and told to 'watch refusals' how long it takes to refuse, until asked for what it 'saw of refusals'.
import { join } from 'node:path'
import process from 'node:process'
import fastify from 'fastify'
import { virtualClock } from '../src/core/clock.ts'
import { openPlatform } from '../src/platform/app/open-platform.ts'
import { servePlatform } from '../src/platform/app/serve.ts'
import { answerQuestions, ownUsage, type Usage } from './child.ts'
import { benchProject, MODEL, NOON } from './predict-project.ts'
import { type LoopSeen, watchLoop } from './watch-loop.ts'
import { type RefusalsSeen, watchRefusals } from './watch-refusals.ts'

export interface ServerAddress {
  readonly url: string
  readonly path: string
  /** Of the inference protocol. */
  readonly grpc?: string | undefined
}

export type ServerUsage = Usage & { readonly predictions: number }

interface Server extends ServerAddress {
  /** Waits for work that outlives its answer; gives how many predictions were made. */
  settle(): Promise<number>
  close(): Promise<void>
}

async function serveEcho(): Promise<Server> {
  const app = fastify()
  let requests = 0
  app.post('/predict', (request, reply) => {
    requests += 1
    reply.send(request.body)
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, path: '/predict', settle: async () => requests, close: () => app.close() }
}

async function serveOurs(folder: string): Promise<Server> {
  const clock = virtualClock(NOON)
  const platform = await openPlatform({ config: await benchProject(), directory: join(folder, 'data'), clock })
  const server = await servePlatform(platform, { port: 0, grpcPort: 0 })
  clock.release()
  platform.startTimers()
  const serving = platform.parts.servings.get(MODEL)!
  return {
    url: server.url,
    grpc: server.grpc,
    path: `/v1/models/${MODEL}/predict`,
    async settle() {
      serving.flush()
      await platform.parts.log.drained()
      return serving.counts.predictions
    },
    async close() {
      await server.close()
      await platform.close()
    },
  }
}

const [side, folder = ''] = process.argv.slice(2)
const starting = side === 'ours' ? serveOurs(folder) : serveEcho()
let watched: (() => LoopSeen) | undefined
let refusals: (() => RefusalsSeen) | undefined
answerQuestions<'address' | 'usage' | 'watch' | 'saw' | 'watch refusals' | 'saw of refusals'>(
  async (question) => {
    const { url, path, grpc, settle } = await starting
    if (question === 'address') return { url, path, grpc } satisfies ServerAddress
    if (question === 'saw') return watched?.()
    if (question === 'saw of refusals') return refusals?.()
    if (question === 'watch refusals') {
      refusals = watchRefusals()
      return 'watching'
    }
    if (question === 'watch') {
      watched = watchLoop()
      return 'watching'
    }
    return { predictions: await settle(), ...ownUsage() } satisfies ServerUsage
  },
  async () => (await starting).close(),
)
