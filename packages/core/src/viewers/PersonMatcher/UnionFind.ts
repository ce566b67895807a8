/** Values in groups that are united step by step. */
export class UnionFind<A extends object> {
  readonly #groups = new Map<A, Array<A>>()

  constructor(values: ReadonlyArray<A>) {
    for (const value of values) this.#groups.set(value, [value])
  }

  /** Unites the groups of these values. */
  unite(values: ReadonlyArray<A>): void {
    const [first, ...others] = values
    if (first === undefined) return
    const group = this.#groupOf(first)
    for (const other of others) {
      const absorbed = this.#groupOf(other)
      if (absorbed === group) continue
      group.push(...absorbed)
      for (const value of absorbed) this.#groups.set(value, group)
    }
  }

  membersOf(value: A): ReadonlyArray<A> {
    return this.#groupOf(value)
  }

  /** The same value for all members of a group. */
  rootOf(value: A): A {
    return this.#groupOf(value)[0] ?? value
  }

  get all(): ReadonlyArray<ReadonlyArray<A>> {
    return [...new Set(this.#groups.values())]
  }

  #groupOf(value: A): Array<A> {
    const group = this.#groups.get(value)
    if (group === undefined) throw new Error("The value is in no group")
    return group
  }
}
