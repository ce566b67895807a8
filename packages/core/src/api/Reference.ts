/** The reference page of the API: one HTML document without a script, an image or a font from anywhere. */

export const referencePolicy = "default-src 'none'"
export const referencePage = (document: unknown): string => JSON.stringify(document)
