/** What is tested against one engine; it starts the engine, and ends it whatever becomes of the checks. */
export interface EngineSuite {
  readonly name: string
  run(check: Check): Promise<void>
}

/** Runs one test and counts what became of it. */
export type Check = (name: string, test: () => Promise<void>) => Promise<void>
