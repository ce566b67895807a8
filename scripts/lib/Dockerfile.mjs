/** Parses a Dockerfile of the simple form that ours has: its stages with their instructions. */

/** `[{ base, platform, name, instructions: [{ name, text }] }]`; lines that end in `\` are continued. */
export const stagesOf = (text) => {
  const lines = text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
  const stages = []
  for (const line of lines) {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`This is no instruction: ${line}`)
    if (name === "FROM") {
      const [, platform, base, as] = /^(?:--platform=(\S+)\s+)?(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest) ?? []
      stages.push({ base, platform: platform ?? null, name: as ?? null, instructions: [] })
    } else stages.at(-1).instructions.push({ name, text: rest })
  }
  return stages
}

/** The texts of all instructions with a name. */
export const textsOf = (stage, name) =>
  stage.instructions.filter((instruction) => instruction.name === name).map(({ text }) => text)

/** `A=1 B="two words"` as an object. */
export const pairsOf = (texts) =>
  Object.fromEntries(
    texts.flatMap((text) => [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, key, a, b]) => [key, a ?? b]))
  )
