/**
 * Values by a space (a kind of item, an integration) and a key within it. While a library is joined, these hold
 * hundreds of thousands of entries, so keys are strings that the entries contain anyway, and a single value of a key is
 * stored without an array.
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
