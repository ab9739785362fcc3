import { CHANNEL_NAME } from '@sallyport/shared/channel/hello.ts';
import {
  type Decoder,
  decodeJson,
  integer,
  list,
  oneOf,
  record,
  text,
} from '@sallyport/shared/channel/strict-json.ts';
import type { Result } from '@sallyport/shared/result.ts';

/** One address where partners connect. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Balancers: from these networks a PROXY protocol header must come first, from others none may. */
  readonly proxyProtocolFrom: readonly string[];
  /** Absent: TLS. */
  readonly transport?: 'tls' | 'tcp';
  /** By which name partners reach it; absent where that is the site's public one. */
  readonly advertise?: { readonly host: string; readonly port: number };
  /** Balancers whose own connections only look whether the port is open. */
  readonly checksFrom?: readonly string[];
}

/** A gateway that this proxy dials, where the firewall policy demands that direction. */
export interface GatewayAddress {
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

/** Which side opens the channel. */
export type ChannelConfig =
  | {
      readonly dial: 'inside-out';
      readonly host: string;
      /** Of worker 0; the others follow it one by one. 0 lets the system choose. */
      readonly port: number;
    }
  | { readonly dial: 'outside-in'; readonly gateways: readonly GatewayAddress[] };

/** All that this host's own disk says; partners and limits come in signed snapshots. */
export interface ProxyConfig {
  readonly site: string;
  readonly node: string;
  readonly workers: number;
  readonly listen: readonly ListenAddress[];
  readonly health: { readonly host: string; readonly port: number };
  readonly channel: ChannelConfig;
  readonly permissionModel: 'required' | 'off';
}

const channelName = text(63, CHANNEL_NAME, 'a name of lower-case letters, digits and hyphens');
const host = text(253, /^[0-9A-Za-z.:-]+$/, 'a host name or an IP address');
const port = integer(0, 65_535);
const network = text(49, /^[0-9a-fA-F.:]+(\/\d{1,3})?$/, 'an IP network such as 10.0.0.5/32');

const listenAddress = record<ListenAddress>(
  {
    host,
    port,
    proxyProtocolFrom: list(64, network),
    transport: oneOf('tls', 'tcp'),
    advertise: record<NonNullable<ListenAddress['advertise']>>({
      host: text(253, /^[0-9a-z_.:-]+$/, 'a host name in lower case or an IP address'),
      port: integer(1, 65_535),
    }),
    checksFrom: list(64, network),
  },
  ['transport', 'advertise', 'checksFrom'],
);
const insideOut = record<Extract<ChannelConfig, { dial: 'inside-out' }>>({
  dial: oneOf('inside-out'),
  host,
  port,
});
const outsideIn = record<Extract<ChannelConfig, { dial: 'outside-in' }>>({
  dial: oneOf('outside-in'),
  gateways: list(
    16,
    record<GatewayAddress>({ node: channelName, host, port: integer(1, 65_535) }),
    1,
  ),
});
const channel: Decoder<ChannelConfig> = (value, at, problems) => {
  const dialsOut =
    typeof value === 'object' && value !== null && 'dial' in value && value.dial === 'outside-in';
  return dialsOut ? outsideIn(value, at, problems) : insideOut(value, at, problems);
};
const proxyConfig = record<ProxyConfig>({
  site: channelName,
  node: channelName,
  workers: integer(1, 64),
  listen: list(16, listenAddress, 1),
  health: record<ProxyConfig['health']>({ host, port }),
  channel,
  permissionModel: oneOf('required', 'off'),
});

/** Reads `proxy.json`: nothing missing, nothing unknown, all problems at once. */
export function decodeProxyConfig(bytes: Buffer): Result<ProxyConfig, readonly string[]> {
  return decodeJson(bytes, proxyConfig);
}
