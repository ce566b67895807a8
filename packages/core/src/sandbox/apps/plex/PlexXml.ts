/** Plex responds with XML unless JSON is requested: values become attributes, lists and objects become elements. */

export const plexXml = (name: string, value: Readonly<Record<string, unknown>>): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, value)}\n`

const element = (name: string, value: Readonly<Record<string, unknown>>): string => {
  let attributes = ""
  let children = ""
  for (const [key, inner] of Object.entries(value)) {
    if (Array.isArray(inner)) children += inner.map((each) => child(key, each)).join("")
    else if (isObject(inner)) children += element(key, inner)
    else attributes += ` ${key}="${escapeXml(inner === true ? "1" : inner === false ? "0" : String(inner))}"`
  }
  return children === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>\n${children}</${name}>\n`
}

const child = (key: string, value: unknown): string => {
  if (!isObject(value)) return `<${key}>${escapeXml(String(value))}</${key}>`
  const watchable = value["type"] === "movie" || value["type"] === "episode"
  return element(key === "Metadata" ? (watchable ? "Video" : "Directory") : key, value)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign)
