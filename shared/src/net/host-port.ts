/** `host:port`, an IPv6 address in brackets (RFC 3261 §25.1, RFC 3986 §3.2.2). */
export function hostPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

/** A host as it stands in a URI or before a port: brackets around an IPv6 address, a name as it is. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
