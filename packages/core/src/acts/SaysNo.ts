import type { UpstreamError } from "../integrations/UpstreamErrors.ts"

/** Whether an answer means that nothing was done and nothing will be. After any other, the request may still take effect. */
export const saysNo = (error: UpstreamError): boolean =>
  error._tag === "UpstreamUnauthorized" ||
  error._tag === "UpstreamRateLimited" ||
  (error._tag === "UpstreamRefused" && error.status >= 400 && error.status < 500 && error.status !== 408)
