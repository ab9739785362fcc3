/** Whether what is bound to this is bound to every address of its host, of IPv4 or of both families. */
export function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Where the same host reaches what is bound to this: on loopback, if it is bound to every address. */
export function ownAddressOf(host: string): string {
  if (!isEveryAddress(host)) return host;
  return host === '::' ? '::1' : '127.0.0.1';
}
