/**
 * What a balancer says about the connection it relays (HAProxy PROXY protocol, versions 1 and 2).
 *
 * `local` means that the header names no source we can use (LOCAL, UNKNOWN, UNSPEC,
 * a UNIX socket): the connection's own peer is the source. `headerBytes` precede the first TLS byte.
 */
export type ProxyHeader =
  | {
      readonly kind: 'proxied';
      readonly sourceAddress: string;
      readonly sourcePort: number;
      readonly headerBytes: number;
    }
  | { readonly kind: 'local'; readonly headerBytes: number };

/** What is wrong with a header. The connection must be closed with nothing behind it read. */
export type ProxyProtocolFault =
  | 'proxy-protocol-signature'
  | 'proxy-protocol-line-too-long'
  | 'proxy-protocol-line-malformed'
  | 'proxy-protocol-version'
  | 'proxy-protocol-command'
  | 'proxy-protocol-family'
  | 'proxy-protocol-length'
  | 'proxy-protocol-tlv-malformed'
  | 'proxy-protocol-checksum';

/** One look at the bytes so far. */
export type ProxyHeaderReading =
  | ProxyHeader
  | { readonly kind: 'need-more' }
  | { readonly kind: 'fault'; readonly fault: ProxyProtocolFault };
