/** HTML as a value: interpolated text is escaped, unless it is HTML itself. */

export interface Html {
  readonly html: string
}

type Part = Html | string | number | ReadonlyArray<Html>

export const html = (strings: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html => ({
  html: strings.map((text, index) => text + rendered(parts[index])).join("")
})

export const nothing: Html = { html: "" }

/** Prose from the document: text in backticks is rendered as code. */
export const prose = (text: string): Html => ({
  html: text
    .split("`")
    .map((part, index) => (index % 2 === 0 ? escaped(part) : `<code>${escaped(part)}</code>`))
    .join("")
})

const rendered = (part: Part | undefined): string => {
  if (part === undefined) return ""
  if (typeof part === "string" || typeof part === "number") return escaped(String(part))
  return "html" in part ? part.html : part.map((entry) => entry.html).join("")
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
