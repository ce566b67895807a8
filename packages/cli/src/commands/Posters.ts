/** `tendarr posters`: the posters of items, as files. */
import { writeFile } from "node:fs/promises"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { putFile } from "../Documents.ts"
import { itemNamed, itemArgument, titleOf } from "../ItemNames.ts"
import { bytes, clean } from "../output/Format.ts"
import { answer, textFlag } from "../Root.ts"

const get = Command.make(
  "get",
  {
    words: itemArgument(1),
    width: Flag.Int("width").pipe(
      Flag.withMetavar("PIXELS"),
      Flag.withDescription("Maximum width, 50 to 1000; the original size by default. Never enlarged"),
      Flag.optional
    ),
    output: textFlag("output", "FILE", "Target file; by default poster-<id of the item>, with its type, in this folder")
  },
  ({ output, width, words }) =>
    withTendarr(({ ask, use }) =>
      Effect.gen(function* () {
        const item = yield* itemNamed(ask, words)
        const { image, mediaType, resized } = yield* use(async (client) => {
          const { data, response } = await client.library.poster({
            path: { id: item.id },
            query: Option.isSome(width) ? { width: width.value } : {}
          })
          return {
            image: new Uint8Array(await data.arrayBuffer()),
            mediaType: response.headers.get("content-type") ?? "",
            resized: response.headers.get("tendarr-poster") === "thumbnail"
          }
        })
        const file = Option.getOrElse(output, () => `poster-${item.id}${endings[mediaType] ?? ""}`)
        yield* putFile(file, (partial) => writeFile(partial, image))
        const written = { itemId: item.id, file, mediaType, bytes: image.length, resized }
        yield* answer(written, () => [
          `Wrote the poster of ${clean(titleOf(item))} to ${file}, ${bytes(image.length)}${
            Option.isSome(width) && !resized ? ", in its original size" : ""
          }`
        ])
      })
    )
).pipe(
  Command.withDescription("Write the poster of an item to a file"),
  Command.withExamples([
    { command: "tendarr posters get 42", description: "By id" },
    {
      command: "tendarr posters get the borrowed lock --width 300 --output lock.webp",
      description: "By words of the title, made smaller"
    }
  ])
)

const endings: Readonly<Record<string, string>> = {
  "image/jpeg": ".jpg",
  "image/png": ".png",
  "image/webp": ".webp",
  "image/gif": ".gif",
  "image/avif": ".avif"
}

export const posters = Command.make("posters").pipe(
  Command.withDescription("Fetch the posters of items"),
  Command.withSubcommands([get])
)
