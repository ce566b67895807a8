/** Paths under which something is served. */

/** `""`, or segments behind one slash each, with nothing at the end: `/tendarr`. */
export const isBasePath = (text: string): boolean =>
  /^(\/[A-Za-z0-9._~-]+)*$/.test(text) && !text.split("/").some((part) => part === "." || part === "..")
