/**
 * Values by a space (a kind of item, an integration) and a key within it. Hundreds of thousands of entries stand in these
 * while a library is joined: keys are the texts that the entries have anyway, and the only value of a key stands alone.
 */
export class Index<A extends object> {
  readonly #spaces = new Map<string, Map<string, A | Array<A>>>()

  add(space: string, key: string, value: A): void {
    const keys = this.#spaces.get(space)
    if (keys === undefined) {
      this.#spaces.set(space, new Map([[key, value]]))
      return
    }
    const before = keys.get(key)
    if (before === undefined) keys.set(key, value)
    else if (Array.isArray(before)) before.push(value)
    else keys.set(key, [before, value])
  }

  get(space: string, key: string): ReadonlyArray<A> {
    const found = this.#spaces.get(space)?.get(key)
    return found === undefined ? none : Array.isArray(found) ? found : [found]
  }

  has(space: string, key: string): boolean {
    return this.#spaces.get(space)?.has(key) === true
  }
}

const none: ReadonlyArray<never> = []
