/** Torrents and an NZB that are made here, so that no client needs a network. */
import { createHash, randomBytes } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

type Bencoded = string | number | Buffer | ReadonlyArray<Bencoded> | { readonly [key: string]: Bencoded }

const bencode = (value: Bencoded): Buffer => {
  if (typeof value === "number") return Buffer.from(`i${value}e`)
  if (typeof value === "string") return bencode(Buffer.from(value))
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value])
  if (Array.isArray(value)) return Buffer.concat([Buffer.from("l"), ...value.map(bencode), Buffer.from("e")])
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  const parts = entries.flatMap(([key, each]) => [bencode(key), bencode(each)])
  return Buffer.concat([Buffer.from("d"), ...parts, Buffer.from("e")])
}

export interface TestTorrent {
  readonly name: string
  readonly hash: string
  readonly bytes: Buffer
  /** By path below the save path. */
  readonly files: ReadonlyMap<string, Buffer>
}

const pieceBytes = 65_536

/** With several files, they are in a folder of the torrent's name. */
export const makeTorrent = (
  name: string,
  sizes: Readonly<Record<string, number>>,
  { isPrivate }: { readonly isPrivate: boolean }
): TestTorrent => {
  const contents = Object.entries(sizes).map(([file, size]) => [file, randomBytes(size)] as const)
  const all = Buffer.concat(contents.map(([, content]) => content))
  const pieces = Array.from({ length: Math.ceil(all.length / pieceBytes) }, (_, place) =>
    createHash("sha1")
      .update(all.subarray(place * pieceBytes, (place + 1) * pieceBytes))
      .digest()
  )
  const isSingle = contents.length === 1
  const info = {
    name,
    "piece length": pieceBytes,
    pieces: Buffer.concat(pieces),
    ...(isPrivate ? { private: 1 } : {}),
    ...(isSingle
      ? { length: all.length }
      : { files: contents.map(([file, content]) => ({ length: content.length, path: [file] })) })
  }
  return {
    name,
    hash: createHash("sha1").update(bencode(info)).digest("hex"),
    bytes: bencode({ announce: "http://127.0.0.1:1/announce?passkey=secret", info }),
    files: new Map(contents.map(([file, content]) => [isSingle ? name : join(name, file), content]))
  }
}

/** Writes the files of the torrent, so that the client only has to check them. */
export const writeFiles = (folder: string, torrent: TestTorrent): void => {
  for (const [path, content] of torrent.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** Of articles that do not exist. */
export const testNzb = (name: string): string => `<?xml version="1.0" encoding="iso-8859-1" ?>
<!DOCTYPE nzb PUBLIC "-//newzBin//DTD NZB 1.1//EN" "http://www.newzbin.com/DTD/nzb/nzb-1.1.dtd">
<nzb xmlns="http://www.newzbin.com/DTD/2003/nzb">
${["rar", "r00"]
  .map(
    (
      extension,
      place
    ) => ` <file poster="t@example.invalid" date="1700000000" subject="[${place + 1}/2] - &quot;${name}.${extension}&quot; yEnc (1/1)">
  <groups><group>alt.binaries.test</group></groups>
  <segments><segment bytes="500000" number="1">${name}-${extension}@example.invalid</segment></segments>
 </file>`
  )
  .join("\n")}
</nzb>`
