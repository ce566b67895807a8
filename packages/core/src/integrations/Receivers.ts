/** The receiver of a request to an address: its scheme, host and port. Stored keys are bound to it. */
import { hostOf } from "./Sameness.ts"

/** The URL if the value is an http or https address; `null` otherwise. */
export const addressIn = (value: unknown): URL | null => {
  const url = typeof value === "string" ? URL.parse(value) : null
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") ? url : null
}

/** Another path of the same program is the same receiver, and so is another spelling of its host. */
export const receiverOf = ({ hostname, port, protocol }: URL): string => `${protocol}//${hostOf(hostname)}:${port}`

/**
 * All receivers of a connection as one text: that of its address, and those of addresses in the configuration. `plain`
 * is the part of the configuration that is not secret.
 */
export const receiversOf = (url: string, plain: Readonly<Record<string, unknown>>): string => {
  const main = addressIn(url)
  const further = Object.entries(plain).flatMap(([key, value]) => {
    const address = addressIn(value)
    return address === null ? [] : [[key, receiverOf(address)] as const]
  })
  return JSON.stringify([
    main === null ? url : receiverOf(main),
    ...further.toSorted(([one], [other]) => (one < other ? -1 : 1))
  ])
}
