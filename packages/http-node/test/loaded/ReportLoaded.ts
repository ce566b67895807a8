/** Imported before a program: prints a line for each module of the telemetry export that is loaded. */
import { registerHooks } from "node:module"

registerHooks({
  load: (url, context, nextLoad) => {
    if (/observability\/Otlp|\/Telemetry\/Exporters/.test(url)) process.stdout.write(`loaded ${url}\n`)
    return nextLoad(url, context)
  }
})
