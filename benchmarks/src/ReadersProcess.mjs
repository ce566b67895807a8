/**
 * So many people with a page open that asks one address again a second after each answer, until they are told to stop. Tells
 * how many answers they got.
 */
import { Agent, get } from "node:http"

const [url, count, key] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(count) })
const told = { answers: 0, refusals: 0 }
let stopping = false

const ask = () => {
  if (stopping) return
  const failed = () => {
    if (stopping) return
    told.refusals += 1
    setTimeout(ask, 100)
  }
  get(url, { agent, headers: { "x-api-key": key } }, (response) => {
    response.once("error", failed).once("end", () => {
      if (response.statusCode === 200) told.answers += 1
      else told.refusals += 1
      setTimeout(ask, 1000)
    })
    response.resume()
  }).once("error", failed)
}

for (let reader = 0; reader < Number(count); reader += 1) setTimeout(ask, (1000 * reader) / Number(count))
process.on("message", () => {
  stopping = true
  agent.destroy()
  process.send(told, () => process.exit(0))
})
