/**
 * The entries of a response of JSON lines, in order, parsed while they are read: `for await (const item of
 * jsonLines<PreviewedItem>((await tendarr.capacity.previewItems()).data))`. A line that is not JSON ends the loop with a
 * `SyntaxError`.
 */
export async function* jsonLines<Entry>(body: Blob): AsyncGenerator<Entry, void, undefined> {
  const decoder = new TextDecoder()
  const reader = body.stream().getReader()
  let rest = ""
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += decoder.decode(value, { stream: !done })
      const lines = rest.split("\n")
      rest = done ? "" : (lines.pop() ?? "")
      for (const line of lines) if (line !== "") yield JSON.parse(line) as Entry
      if (done) return
    }
  } finally {
    await reader.cancel()
  }
}
