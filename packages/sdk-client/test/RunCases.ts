/** Runs the cases one after the other and returns their outcomes: on Bun and in a browser, where there is no test runner. */
import type { Case, Surroundings } from "./Case.ts"

/** The message of each case that failed; `null` for one that passed. */
export type Outcomes = Readonly<Record<string, string | null>>

export const runCases = async (cases: ReadonlyArray<Case>, surroundings: Surroundings): Promise<Outcomes> => {
  const outcomes: Record<string, string | null> = {}
  for (const { name, run } of cases) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new Error("It took longer than 20 seconds")), 20_000)
    })
    try {
      await Promise.race([run(surroundings), late])
      outcomes[name] = null
    } catch (error) {
      outcomes[name] = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error)
    } finally {
      clearTimeout(timer)
    }
  }
  return outcomes
}
