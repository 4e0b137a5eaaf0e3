import { readlinkSync } from 'node:fs'
import { getPriority } from 'node:os'
import { basename } from 'node:path'
import process from 'node:process'
import { parentPort } from 'node:worker_threads'
import { threadGivesWay } from './give-way.ts'

// As a process it waits until its parent is gone; as a thread it gives way and tells.
if (parentPort === null) process.on('message', () => undefined)
else {
  threadGivesWay()
  const thread = Number(basename(readlinkSync('/proc/thread-self')))
  parentPort.postMessage({ thread: getPriority(thread), process: getPriority(process.pid) })
}
