/** XML-RPC, as far as rTorrent uses it. A fault is a value here, because `system.multicall` returns faults among results. */

/** A fault of one call. */
export class Fault {
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string) {
    this.code = code
    this.reason = reason
  }
}

export type XmlValue = string | number | Fault | ReadonlyArray<XmlValue> | { readonly [name: string]: XmlValue }

/** What can be sent; numbers are whole. */
export type Parameter = string | number | Uint8Array | ReadonlyArray<Parameter> | { readonly [name: string]: Parameter }

export const callText = (method: string, parameters: ReadonlyArray<Parameter>): string =>
  `<?xml version="1.0"?><methodCall><methodName>${escaped(method)}</methodName><params>${parameters
    .map((parameter) => `<param>${valueText(parameter)}</param>`)
    .join("")}</params></methodCall>`

const isList = (value: Parameter): value is ReadonlyArray<Parameter> => Array.isArray(value)

const valueText = (value: Parameter): string => {
  if (typeof value === "string") return `<value><string>${escaped(value)}</string></value>`
  if (typeof value === "number") {
    const type = Math.abs(value) < 2 ** 31 ? "i4" : "i8"
    return `<value><${type}>${Math.trunc(value)}</${type}></value>`
  }
  if (value instanceof Uint8Array) return `<value><base64>${Buffer.from(value).toString("base64")}</base64></value>`
  if (isList(value)) return `<value><array><data>${value.map(valueText).join("")}</data></array></value>`
  const members = Object.entries(value).map(
    ([name, member]) => `<member><name>${escaped(name)}</name>${valueText(member)}</member>`
  )
  return `<value><struct>${members.join("")}</struct></value>`
}

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    // Characters that XML cannot contain.
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "")

/** The value of a response. Throws if it is not one. */
export const responseValue = (text: string): XmlValue => {
  const reader = new Reader(text)
  reader.expectOpen("methodResponse")
  if (reader.isNext("fault")) {
    reader.expectOpen("fault")
    return asFault(reader.value())
  }
  reader.expectOpen("params")
  reader.expectOpen("param")
  return reader.value()
}

const asFault = (value: XmlValue): Fault =>
  value instanceof Fault ? value : new Fault(0, "it reported a fault without a reason")

/** Reads tag by tag; there are no attributes. */
class Reader {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text.replace(/^\s*<\?xml[^>]*\?>/, "")
  }

  private skip() {
    while (this.at < this.text.length && /\s/.test(this.text[this.at] ?? "")) this.at++
  }

  /** The next tag, `name` or `/name`; an empty element is `name/`. */
  private peek(): string | null {
    this.skip()
    if (this.text[this.at] !== "<") return null
    const end = this.text.indexOf(">", this.at)
    return end < 0 ? null : this.text.slice(this.at + 1, end).trim()
  }

  isNext(name: string): boolean {
    return this.peek() === name
  }

  private take(): string {
    const tag = this.peek()
    if (tag === null) throw new Error("it is not XML-RPC")
    this.at = this.text.indexOf(">", this.at) + 1
    return tag
  }

  expectOpen(name: string): void {
    if (this.take() !== name) throw new Error("it is not XML-RPC")
  }

  private content(end: string): string {
    const close = this.text.indexOf(`</${end}>`, this.at)
    if (close < 0) throw new Error("it is cut off")
    const content = this.text.slice(this.at, close)
    this.at = close + end.length + 3
    return unescaped(content)
  }

  value(): XmlValue {
    const tag = this.take()
    if (tag === "value/") return ""
    if (tag !== "value") throw new Error("it is not XML-RPC")
    const untyped = this.at
    const type = this.peek()
    if (type === null || type === "/value") {
      this.at = untyped
      return this.content("value")
    }
    const value = this.typed(this.take())
    this.expectOpen("/value")
    return value
  }

  private typed(type: string): XmlValue {
    switch (type) {
      case "string/":
      case "base64/":
        return ""
      case "array":
        return this.array()
      case "struct":
        return this.struct()
      case "struct/":
        return {}
      case "int":
      case "i4":
      case "i8":
      case "double": {
        const number = Number(this.content(type))
        if (!Number.isFinite(number)) throw new Error("it has a number that is none")
        return number
      }
      case "boolean":
        return Number(this.content(type))
      default:
        return this.content(type)
    }
  }

  private array(): XmlValue {
    const values: Array<XmlValue> = []
    if (this.isNext("data/")) this.take()
    else {
      this.expectOpen("data")
      while (!this.isNext("/data")) values.push(this.value())
      this.take()
    }
    this.expectOpen("/array")
    return values
  }

  private struct(): XmlValue {
    const members: Array<[string, XmlValue]> = []
    while (!this.isNext("/struct")) {
      this.expectOpen("member")
      this.expectOpen("name")
      const name = this.content("name")
      members.push([name, this.value()])
      this.expectOpen("/member")
    }
    this.take()
    const value = Object.fromEntries(members)
    const { faultCode, faultString } = value
    return typeof faultCode === "number" && typeof faultString === "string" ? new Fault(faultCode, faultString) : value
  }
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.includes("&")
    ? text.replace(
        /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi,
        (whole, hex?: string, decimal?: string, name?: string) => {
          if (name !== undefined) return entities[name] ?? whole
          const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal)
          return code <= 0x10ffff ? String.fromCodePoint(code) : whole
        }
      )
    : text
