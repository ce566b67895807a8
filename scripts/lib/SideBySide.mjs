/** Runs independent tasks, several at a time. */
import { print } from "./Process.mjs"

/**
 * Runs the tasks `[name, run]` in their order, `width` of them at a time, and prints the duration of each. If one fails,
 * no further task is started, and those in progress are awaited; rejects with the errors of the failed ones, by name.
 */
export const sideBySide = async (tasks, width = 2) => {
  const waiting = [...tasks]
  const failures = []
  const worker = async () => {
    for (let task = waiting.shift(); task !== undefined && failures.length === 0; task = waiting.shift()) {
      const [name, run] = task
      const started = performance.now()
      try {
        await run()
        print(`${name}: done after ${((performance.now() - started) / 1000).toFixed(1)} s`)
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  if (failures.length > 0) throw new Error(failures.join("\n\n"))
}
