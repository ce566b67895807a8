/** The edge of a mount, with the defaults for what a mount does not specify. */
import { safeMethods } from "./Common.ts"
import type { Edge, EdgeAccess } from "./Mount.ts"
import { requestIdHeader } from "./Observed/RequestId.ts"
import { maximumBodyBytes } from "./RequestBody.ts"

/** All credentials of the native API, for every path. Unsafe methods need `operate`. */
export const usualAccess: EdgeAccess = {
  credentials: [
    { in: "header", name: "x-api-key" },
    { in: "bearer" },
    { in: "session" },
    { in: "query", name: "apikey" }
  ],
  isOpen: () => false,
  scopeOf: ({ method }) => (safeMethods.has(method) ? "read" : "operate")
}

/**
 * The edge of a mount: its own specification over the defaults, which are the guards and the errors of the native API.
 */
export const edgeWith = (own: Pick<Edge, "methodsOf"> & Partial<Edge>): Edge => ({
  refuse: ({ problem }) => problem,
  textErrors: false,
  cors: {
    requestHeaders: ["authorization", "content-type", "if-match", "last-event-id", "x-api-key"],
    answerHeaders: ["etag", "retry-after", requestIdHeader]
  },
  bodies: { most: maximumBodyBytes, byPath: {} },
  headers: {},
  access: usualAccess,
  openApi: null,
  ...own
})
