/** Errors of upstream calls. None of them contains a secret: addresses are stripped of query and credentials. */
import { Schema } from "effect"

const fields = {
  /** Name of the integration, or its address if it has no name yet. */
  integration: Schema.String,
  /** Method and path of the call, without query. */
  call: Schema.String,
  detail: Schema.String
}

/** No response: refused, reset, timed out, not resolved, blocked by the address guard, or the circuit is open. */
export class UpstreamUnreachable extends Schema.TaggedError<UpstreamUnreachable>()("UpstreamUnreachable", fields) {
  override get message() {
    return `${this.integration} could not be reached (${this.call}): ${this.detail}`
  }
}

/** The server could not prove by its certificate that it is the one that the address names; nothing was sent. */
export class UpstreamUntrusted extends Schema.TaggedError<UpstreamUntrusted>()("UpstreamUntrusted", fields) {
  override get message() {
    return `${this.integration} cannot be trusted (${this.call}): ${this.detail}`
  }
}

/** The upstream does not accept our key. */
export class UpstreamUnauthorized extends Schema.TaggedError<UpstreamUnauthorized>()("UpstreamUnauthorized", {
  ...fields,
  status: Schema.Int
}) {
  override get message() {
    return `${this.integration} does not accept the key (${this.call}): ${this.detail}`
  }
}

/**
 * The upstream asks for a pause (429). `retryAfterMillis` is the pause it asked for, `null` if it did not specify one.
 */
export class UpstreamRateLimited extends Schema.TaggedError<UpstreamRateLimited>()("UpstreamRateLimited", {
  ...fields,
  retryAfterMillis: Schema.NullOr(Schema.Int)
}) {
  override get message() {
    return `${this.integration} asks us to slow down (${this.call})`
  }
}

/** Any other 4xx or 5xx response. */
export class UpstreamRefused extends Schema.TaggedError<UpstreamRefused>()("UpstreamRefused", {
  ...fields,
  status: Schema.Int
}) {
  override get message() {
    return `${this.integration} refused ${this.call} with ${this.status}: ${this.detail}`
  }
}

/**
 * The status of an `UpstreamRefused` with which a removal fails if the application has forgotten files that it could not
 * delete: its state shows that they are gone, and they are not.
 */
export const filesLeftStatus = 200

/** A response that violates the application's API: a web page, truncated JSON, a wrong type, too large a body. */
export class UpstreamMalformed extends Schema.TaggedError<UpstreamMalformed>()("UpstreamMalformed", fields) {
  override get message() {
    return `${this.integration} gave a response that cannot be read (${this.call}): ${this.detail}`
  }
}

/**
 * A request that was not sent: the final check before it found a reason against it, or its permit did not become
 * available in time.
 */
export class UpstreamHeldBack extends Schema.TaggedError<UpstreamHeldBack>()("UpstreamHeldBack", fields) {
  override get message() {
    return `Nothing was sent to ${this.integration} (${this.call}): ${this.detail}`
  }
}

/** Everything that a kind may fail with. */
export const UpstreamError = Schema.Union([
  UpstreamUnreachable,
  UpstreamUntrusted,
  UpstreamUnauthorized,
  UpstreamRateLimited,
  UpstreamRefused,
  UpstreamMalformed,
  UpstreamHeldBack
])
export type UpstreamError = typeof UpstreamError.Type
