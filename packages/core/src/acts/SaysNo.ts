import type { UpstreamError } from "../integrations/UpstreamErrors.ts"

/** An answer by which nothing was done and nothing will be. Any other may come from a request that is still carried out. */
export const saysNo = (error: UpstreamError): boolean =>
  error._tag === "UpstreamUnauthorized" ||
  error._tag === "UpstreamRateLimited" ||
  (error._tag === "UpstreamRefused" && error.status >= 400 && error.status < 500 && error.status !== 408)
