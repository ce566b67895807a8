/** Clients of the event stream, on bare sockets: argv = url, number of streams, API key. */
import { get } from "node:http"

const [url, count, apiKey] = process.argv.slice(2)

/** Of each stream: how many events it received, and the id of the last one. */
const streams = []
/** @type {(() => void) | null} */
let moved = null

const open = () =>
  new Promise((done, fail) => {
    const stream = { events: 0, last: 0 }
    streams.push(stream)
    const request = get(url, { headers: { "x-api-key": apiKey }, agent: false }, (response) => {
      if (response.statusCode !== 200) return fail(new Error(`A stream answered ${response.statusCode}`))
      response.setEncoding("latin1")
      let rest = ""
      response.on("data", (piece) => {
        const text = rest + piece
        const end = text.lastIndexOf("\n\n") + 2
        rest = end === 1 ? text : text.slice(end)
        if (end === 1) return
        let frames = 0
        for (let at = text.indexOf("id: "); at !== -1 && at < end; at = text.indexOf("\nid: ", at + 1)) frames += 1
        stream.events += frames
        const last = text.lastIndexOf("id: ", end)
        if (last !== -1) stream.last = Number.parseInt(text.slice(last + 4), 10)
        moved?.()
        done(undefined)
      })
      response.on("end", () => fail(new Error("A stream ended")))
    })
    request.on("error", fail)
  })

process.on("message", async (question) => {
  if (question === "open") {
    for (let left = Number(count); left > 0; left -= 20) {
      await Promise.all(Array.from({ length: Math.min(20, left) }, open))
    }
    return process.send?.("opened")
  }
  const least = Number(question)
  while (!streams.every(({ last }) => last >= least)) await new Promise((done) => (moved = () => done(undefined)))
  process.send?.(streams.length === 0 ? 0 : Math.min(...streams.map(({ events }) => events)))
})
