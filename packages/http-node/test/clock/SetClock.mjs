/** Loaded before the server: sets its wall clock by what a file says, at SIGUSR2. What counts the time that passes goes on. */
import { readFileSync } from "node:fs"

const real = Date.now.bind(Date)
let ahead = 0

class SetDate extends Date {
  constructor(...given) {
    if (given.length === 0) super(real() + ahead)
    else super(...given)
  }
  static now() {
    return real() + ahead
  }
}
globalThis.Date = SetDate

process.on("SIGUSR2", () => {
  ahead = Number(readFileSync(process.env.TEST_CLOCK_AHEAD, "utf8"))
})
