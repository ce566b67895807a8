/**
 * Many clients that request one address again one second after each response, each over its own connection, until they
 * are stopped. Reports the number of responses.
 */
import { Agent, get } from "node:http"

const [url, count, key] = process.argv.slice(2)
const report = { answers: 0, refusals: [] }
let stopping = false

const reader = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = () => {
    if (stopping) return
    const refused = (why) => {
      if (stopping) return
      report.refusals.push(String(why))
      setTimeout(ask, 1000)
    }
    get(url, { agent, headers: { "x-api-key": key } }, (response) => {
      response.once("error", refused).once("end", () => {
        if (response.statusCode !== 200) return refused(response.statusCode)
        report.answers += 1
        setTimeout(ask, 1000)
      })
      response.resume()
    }).once("error", refused)
  }
  return ask
}

for (let number = 0; number < Number(count); number += 1) setTimeout(reader(), (1000 * number) / Number(count))
process.on("message", () => {
  stopping = true
  process.send(report, () => process.exit(0))
})
