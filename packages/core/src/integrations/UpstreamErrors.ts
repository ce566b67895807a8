/** How an upstream can fail us. None of these carries a secret: addresses are stripped of query and credentials. */
import { Schema } from "effect"

const fields = {
  /** Name of the integration, or its address where it has none yet. */
  integration: Schema.String,
  /** Method and path of the call, without query. */
  call: Schema.String,
  detail: Schema.String
}

/** No answer: refused, reset, timed out, not resolved, blocked by the address guard, or the circuit is open. */
export class UpstreamUnreachable extends Schema.TaggedError<UpstreamUnreachable>()("UpstreamUnreachable", fields) {
  override get message() {
    return `${this.integration} could not be reached (${this.call}): ${this.detail}`
  }
}

/** The other side could not prove by its certificate that it is who the address names; nothing was sent. */
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

/** The upstream asks for a pause (429). `retryAfterMillis` is what it said, `null` where it said nothing. */
export class UpstreamRateLimited extends Schema.TaggedError<UpstreamRateLimited>()("UpstreamRateLimited", {
  ...fields,
  retryAfterMillis: Schema.NullOr(Schema.Int)
}) {
  override get message() {
    return `${this.integration} asks us to slow down (${this.call})`
  }
}

/** An answer that says no: any other 4xx or 5xx. */
export class UpstreamRefused extends Schema.TaggedError<UpstreamRefused>()("UpstreamRefused", {
  ...fields,
  status: Schema.Int
}) {
  override get message() {
    return `${this.integration} refused ${this.call} with ${this.status}: ${this.detail}`
  }
}

/** An answer that is not what the application's API promises: a web page, cut JSON, a wrong type, too large a body. */
export class UpstreamMalformed extends Schema.TaggedError<UpstreamMalformed>()("UpstreamMalformed", fields) {
  override get message() {
    return `${this.integration} gave an answer we cannot read (${this.call}): ${this.detail}`
  }
}

/** A request that was not sent: at the last look before it something spoke against it, or its turn did not come in time. */
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
