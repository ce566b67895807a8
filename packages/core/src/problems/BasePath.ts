/** URL paths under which the server is mounted. */

/** Either `""`, or segments that each begin with one slash, without a slash at the end: `/tendarr`. */
export const isBasePath = (text: string): boolean =>
  /^(\/[A-Za-z0-9._~-]+)*$/.test(text) && !text.split("/").some((part) => part === "." || part === "..")
