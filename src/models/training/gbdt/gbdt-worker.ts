import { workerData } from 'node:worker_threads'
import type { TrainingMemory } from './shared-memory.ts'
import { waitForTasks, workOff } from './task-queue.ts'
import { taskRunner } from './tasks.ts'

// Takes tasks until the training terminates the thread.
const { memory, thread } = workerData as { memory: TrainingMemory; thread: number }
const run = taskRunner(memory, thread)
for (;;) {
  workOff(memory.queue, run)
  waitForTasks(memory.queue)
}
