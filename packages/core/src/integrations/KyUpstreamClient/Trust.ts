/**
 * Explains failed TLS handshakes: turns the codes of the TLS library into messages that say what to do. A retry does
 * not help with any of them.
 */

/** The message for a failed TLS handshake, or `null` for any other failure. */
export const untrusted = (code: string | null, reason: string, url: URL): string | null => {
  const host = url.hostname
  switch (code) {
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return `the certificate of ${host} is self-signed. ${trustIt}`
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "CERT_UNTRUSTED":
    case "INVALID_CA":
      return `the certificate of ${host} is from an authority that this machine does not trust, or was sent without its chain. ${trustIt}`
    case "CERT_HAS_EXPIRED":
      return `the certificate of ${host} has expired. Renew it, and check that the clock of this machine is right`
    case "CERT_NOT_YET_VALID":
      return `the certificate of ${host} is not valid yet. Check that the clock of this machine is right`
    case "CERT_REVOKED":
      return `the certificate of ${host} was revoked. Get a new one`
    case "ERR_TLS_CERT_ALTNAME_INVALID":
    case "HOSTNAME_MISMATCH":
      return `the certificate is for another name than ${host}. Use the address that the certificate names, or get one for ${host}`
  }
  if (code === "EPROTO" || code?.startsWith("ERR_SSL_") === true) {
    return /wrong.version.number|packet length too long/i.test(`${code} ${reason}`)
      ? `${url.host} does not speak https. Use an address that begins with http://`
      : `${url.host} and this machine have no common way to encrypt (${reason})`
  }
  return code !== null && /CERT|ISSUER/.test(code)
    ? `the certificate of ${host} is not accepted (${reason}). ${trustIt}`
    : null
}

const trustIt =
  "Within a private network, use its http:// address; or give Tendarr the certificate of the authority in a file that NODE_EXTRA_CA_CERTS names at its start; or put a proxy with a trusted certificate before it"
