/** Who would get what is sent to an address: its scheme, host and port. Stored keys are bound to that. */
import { hostOf } from "./Sameness.ts"

/** A value that is an address over HTTP; `null` = any other. */
export const addressIn = (value: unknown): URL | null => {
  const url = typeof value === "string" ? URL.parse(value) : null
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") ? url : null
}

/** Another path of the same program is no other receiver, and neither is another spelling of its host. */
export const receiverOf = ({ hostname, port, protocol }: URL): string => `${protocol}//${hostOf(hostname)}:${port}`

/**
 * All receivers of a connection in one text: that of its address, and each that a field of the configuration names.
 * `plain` is what of the configuration is no secret.
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
