// What is used of https://webassembly.github.io/spec/js-api: neither the language's library nor node's types declare it.

/** Memory of a module; growing it replaces its buffer. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  /**
   * Adds pages of 64 KiB.
   * @throws RangeError when there is no memory left
   */
  grow(pages: number): number
}

/** Memory that several threads share; it never grows. */
export interface SharedWasmMemory {
  readonly buffer: SharedArrayBuffer
}

interface WebAssemblyInterface {
  /** Whether these bytes are a module that this processor runs. */
  validate(bytes: Uint8Array<ArrayBuffer>): boolean
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
  readonly Memory: MemoryConstructor
}

interface MemoryConstructor {
  new (pages: { initial: number; maximum: number }): WasmMemory
  /** @throws RangeError when there is no memory left */
  new (pages: { initial: number; maximum: number; shared: true }): SharedWasmMemory
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }).WebAssembly
