/** Images with the first bytes that determine their type. */
export const jpeg = (mark = 1, length = 64): Uint8Array => {
  const bytes = new Uint8Array(length).fill(mark)
  bytes.set([0xff, 0xd8, 0xff, 0xe0])
  return bytes
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
