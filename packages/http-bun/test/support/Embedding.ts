/** A program on Bun that embeds Tendarr; prints what OpenTendarr.test.ts expects. Its argument is the data directory. */
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Layer, ManagedRuntime } from "effect"
import { openTendarr } from "../../src/OpenTendarr.ts"

const dataDirectory = process.argv[2] ?? ""
const stack = ManagedRuntime.make(Sandbox.layer({ items: 60 }).pipe(Layer.provide(LoopbackListener)))
const { integrations } = await stack.runPromise(Sandbox)
{
  await using tendarr = await openTendarr({ dataDirectory })
  for (const { config, kind, name, url } of integrations) await tendarr.integrations.create({ kind, name, url, config })
  const { report, run } = await tendarr.sync()
  process.stdout.write(`${run.status}, ${report?.total} items\n`)
}
{
  await using tendarr = await openTendarr({ dataDirectory })
  const { items } = await tendarr.stats()
  process.stdout.write(`${items} items\n`)
  let entries = 0
  for await (const _ of tendarr.items.all()) entries++
  process.stdout.write(`${entries >= items ? "listed" : "missed"}\n`)
  const refused: unknown = await openTendarr({ dataDirectory }).catch((error: unknown) => error)
  process.stdout.write(`${refused instanceof Error && "_tag" in refused ? refused._tag : refused}\n`)
}
await stack.dispose()
