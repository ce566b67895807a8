/** Networks as written by people: an address, or a CIDR block, IPv4 or IPv6. */
import { Result, Schema } from "effect"
import { IpInterface, IpNetwork, type NetAddress } from "effect/net"

/** Parses `10.0.0.0/8`, `fd00::/8` or a single address; host bits are cleared. */
export const parseNetwork = (text: string): Result.Result<IpNetwork.IpNetwork, NetAddress.NetAddressError> =>
  Result.map(IpInterface.fromString(text), IpNetwork.fromInterface)

export const Network = Schema.String.check(
  Schema.makeFilter((text: string) =>
    Result.match(parseNetwork(text), {
      onFailure: (error) => `must be an IP address or a CIDR block: ${error.message}`,
      onSuccess: () => undefined
    })
  ),
  // Last, because a custom check drops the description from the JSON Schema.
  Schema.isMaxLength(64)
).annotate({ description: "An IP address or a CIDR block, IPv4 or IPv6" })
