/**
 * Real download clients on loopback, each in a folder of its own. They are tested where they are installed; with
 * `TENDARR_CLIENTS=required` a missing one is a failure.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createHash, pbkdf2Sync, randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"

export const areClientsRequired = process.env["TENDARR_CLIENTS"] === "required"

const folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin"]

export const isInstalled = (...programs: ReadonlyArray<string>): boolean =>
  programs.every((program) => folders.some((folder) => existsSync(join(folder, program))))

export const password = "Secret-pass1"

/** The title of the tests of a client: says so if they are skipped. */
export const titleOf = (name: string, installed: boolean): string =>
  installed || areClientsRequired ? `A real ${name}` : `A real ${name} (it is not installed here)`

/** A client that runs. */
export interface Running {
  readonly url: string
  readonly port: number
  /** Where it saves downloads. */
  readonly downloads: string
  readonly stop: () => Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.on("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.on("error", () => resolve(false))
  })

/** Asks again until the condition holds. */
export const until = async (what: string, condition: () => Promise<boolean> | boolean, seconds = 20): Promise<void> => {
  const end = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${seconds} s`)
    await pause(100)
  }
}

/** Starts programs in a new folder; whatever happens, `stop` ends all of them and deletes the folder. */
class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "tendarr-client-"))
  readonly downloads = join(this.folder, "downloads")
  private readonly children: Array<{ readonly child: ChildProcess; readonly ended: Promise<unknown> }> = []

  constructor() {
    mkdirSync(this.downloads)
  }

  file(path: string, content: string): string {
    const whole = join(this.folder, path)
    mkdirSync(join(whole, ".."), { recursive: true })
    writeFileSync(whole, content)
    return whole
  }

  folderOf(path: string): string {
    const whole = join(this.folder, path)
    mkdirSync(whole, { recursive: true })
    return whole
  }

  start(program: string, args: ReadonlyArray<string>): void {
    const child = spawn(program, args, {
      stdio: "ignore",
      cwd: this.folder,
      env: { ...process.env, HOME: this.folder }
    })
    const ended = new Promise((resolve) => {
      child.on("exit", resolve)
      child.on("error", resolve)
    })
    this.children.push({ child, ended })
  }

  running(port: number): Running {
    return { url: `http://127.0.0.1:${port}`, port, downloads: this.downloads, stop: () => this.stop() }
  }

  private async stop(): Promise<void> {
    for (const { child, ended } of this.children.toReversed()) {
      child.kill("SIGTERM")
      const forced = new AbortController()
      await Promise.race([
        ended,
        pause(10_000, null, { signal: forced.signal }).then(
          () => child.kill("SIGKILL"),
          () => undefined
        )
      ])
      forced.abort()
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const isUp = (port: number) => until(`An answer on port ${port}`, () => answers(port))

export const startQBittorrent = async (): Promise<Running> => {
  const place = new Place()
  const [port, peers] = [await freePort(), await freePort()]
  const salt = randomBytes(16)
  const key = pbkdf2Sync(password, salt, 100_000, 64, "sha512")
  place.file(
    "qBittorrent/config/qBittorrent.conf",
    String.raw`[LegalNotice]
Accepted=true

[Preferences]
General\Locale=en
WebUI\Enabled=true
WebUI\Address=127.0.0.1
WebUI\Port=${port}
WebUI\Username=admin
WebUI\Password_PBKDF2="@ByteArray(${salt.toString("base64")}:${key.toString("base64")})"
WebUI\LocalHostAuth=true
WebUI\UseUPnP=false
WebUI\MaxAuthenticationFailCount=3

[BitTorrent]
Session\DefaultSavePath=${place.downloads}
Session\Interface=lo
Session\InterfaceName=lo
Session\InterfaceAddress=127.0.0.1
Session\Port=${peers}
Session\DHTEnabled=false
Session\PeXEnabled=false
Session\LSDEnabled=false
Session\QueueingSystemEnabled=false

[Network]
PortForwardingEnabled=false
`
  )
  place.start("qbittorrent-nox", [`--profile=${place.folder}`])
  await isUp(port)
  return place.running(port)
}

export const startTransmission = async (): Promise<Running> => {
  const place = new Place()
  const [port, peers] = [await freePort(), await freePort()]
  place.file(
    "conf/settings.json",
    JSON.stringify({
      "rpc-enabled": true,
      "rpc-bind-address": "127.0.0.1",
      "rpc-port": port,
      "rpc-url": "/transmission/",
      "rpc-authentication-required": true,
      "rpc-username": "admin",
      "rpc-password": password,
      "bind-address-ipv4": "127.0.0.1",
      "bind-address-ipv6": "::1",
      "peer-port": peers,
      "port-forwarding-enabled": false,
      "dht-enabled": false,
      "lpd-enabled": false,
      "pex-enabled": false,
      "utp-enabled": false,
      "download-dir": place.downloads
    })
  )
  place.start("transmission-daemon", ["-f", "-g", join(place.folder, "conf"), "--log-error"])
  await isUp(port)
  return place.running(port)
}

export const startDeluge = async (): Promise<Running> => {
  const place = new Place()
  const [daemon, port, peers] = [await freePort(), await freePort(), await freePort()]
  const config = place.folderOf("conf")
  const host = "5c7fb9c3b0c94a3f8a2f9e1f0a1b2c3d"
  /** Two objects, one after the other. */
  const write = (name: string, content: object, version = 1) =>
    place.file(`conf/${name}`, `${JSON.stringify({ file: version, format: 1 })}${JSON.stringify(content)}`)
  place.file("conf/auth", "localclient:daemonpw1:10\n")
  write("hostlist.conf", { hosts: [[host, "127.0.0.1", daemon, "localclient", "daemonpw1"]] }, 3)
  const salt = randomBytes(20).toString("hex")
  write(
    "web.conf",
    {
      port,
      interface: "127.0.0.1",
      base: "/",
      https: false,
      first_login: false,
      session_timeout: 3600,
      sessions: {},
      enabled_plugins: [],
      pwd_salt: salt,
      pwd_sha1: createHash("sha1").update(`${salt}${password}`).digest("hex"),
      // It is not connected by itself.
      default_daemon: ""
    },
    2
  )
  write("core.conf", {
    daemon_port: daemon,
    allow_remote: false,
    listen_interface: "127.0.0.1",
    outgoing_interface: "lo",
    listen_ports: [peers, peers],
    random_port: false,
    dht: false,
    upnp: false,
    natpmp: false,
    lsd: false,
    utpex: false,
    download_location: place.downloads,
    torrentfiles_location: place.downloads,
    move_completed_path: place.downloads,
    autoadd_location: place.downloads,
    enabled_plugins: ["Label"],
    new_release_check: false,
    send_info: false
  })
  place.start("deluged", ["-d", "-q", "-c", config, "-u", "127.0.0.1", "-p", String(daemon), "-i", "127.0.0.1"])
  await isUp(daemon)
  place.start("deluge-web", ["-d", "-q", "-c", config, "-i", "127.0.0.1", "-p", String(port)])
  await isUp(port)
  return place.running(port)
}

export const startRTorrent = async (): Promise<Running> => {
  const place = new Place()
  const [port, peers] = [await freePort(), await freePort()]
  const socket = join(place.folder, "rpc.sock")
  const rc = place.file(
    "rtorrent.rc",
    `system.daemon.set = true
directory.default.set = ${place.downloads}
session.path.set = ${place.folderOf("session")}
network.bind_address.set = 127.0.0.1
network.port_range.set = ${peers}-${peers}
network.port_random.set = no
dht.mode.set = disable
protocol.pex.set = no
trackers.use_udp.set = no
network.xmlrpc.size_limit.set = 4M
network.scgi.open_local = ${socket}
`
  )
  const users = place.file("users.txt", `admin:${password}`)
  const conf = place.file(
    "lighttpd.conf",
    `server.modules = ( "mod_auth", "mod_authn_file", "mod_scgi" )
server.document-root = "${place.folderOf("www")}"
server.bind = "127.0.0.1"
server.port = ${port}
auth.backend = "plain"
auth.backend.plain.userfile = "${users}"
auth.require = ( "/RPC2" => ( "method" => "basic", "realm" => "rtorrent", "require" => "valid-user" ) )
scgi.server = ( "/RPC2" => (( "socket" => "${socket}", "check-local" => "disable", "disable-time" => 0 )) )
`
  )
  place.start("rtorrent", ["-n", "-o", `import=${rc}`])
  await until("The socket of rTorrent", () => existsSync(socket))
  place.start("lighttpd", ["-D", "-f", conf])
  await isUp(port)
  return place.running(port)
}

export const startNzbget = async (): Promise<Running> => {
  const place = new Place()
  const port = await freePort()
  const conf = place.file(
    "nzbget.conf",
    `MainDir=${place.folder}
DestDir=\${MainDir}/downloads
InterDir=\${MainDir}/inter
QueueDir=\${MainDir}/queue
TempDir=\${MainDir}/tmp
NzbDir=\${MainDir}/nzb
LockFile=\${MainDir}/nzbget.lock
LogFile=\${MainDir}/nzbget.log
ControlIP=127.0.0.1
ControlPort=${port}
ControlUsername=nzbget
ControlPassword=${password}
OutputMode=log
Server1.Active=no
Category1.Name=radarr
Category1.DestDir=\${DestDir}/movies
`
  )
  place.start("nzbget", ["-c", conf, "-s"])
  await isUp(port)
  return place.running(port)
}
