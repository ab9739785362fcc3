import { parseAddress } from '@sallyport/shared/net/address.ts';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { publicNames } from '../config/public-places.ts';
import type { SiteFile } from '../config/site-schema.ts';

/** A place where a program of ours listens. */
export interface OwnPlace {
  readonly host: string;
  readonly port: number;
  readonly purpose: string;
}

/** What a node’s own files say of it, as far as its host can be judged by them. */
export interface NodeSettings {
  readonly role: 'proxy' | 'gateway';
  readonly site: string;
  readonly node: string;
  readonly places: readonly OwnPlace[];
  /** Of those: where the other side of the channel connects, one for each worker of a proxy. Empty where this side dials. */
  readonly channelPlaces: readonly OwnPlace[];
  readonly health: { readonly host: string; readonly port: number };
  /** Listeners that show partners a certificate, and the name it should be of. */
  readonly partnerPlaces: readonly {
    readonly host: string;
    readonly port: number;
    readonly serverName: string | undefined;
  }[];
  /** Processes that a proxy consists of; a gateway is one. */
  readonly workers: number;
  readonly isPermissionModelOff: boolean;
  /** Names under which partners know this host or site. */
  readonly publicNames: readonly string[];
  /** Where domains’ SRV records should lead; a proxy’s files name no domain. */
  readonly published: { readonly host: string; readonly port: number } | undefined;
  readonly domains: readonly string[];
  /** Address, or address and port; empty: what the system is set to. */
  readonly nameservers: readonly string[];
  /** The proxies whose workers a gateway holds channels with. */
  readonly proxies: readonly { readonly node: string; readonly workers: number }[];
}

const port = z.int().min(0).max(65_535);
const place = z.object({ host: z.string(), port });

/** Only what is asked here; the program itself refuses what else is wrong. */
const proxySchema = z.object({
  site: z.string(),
  node: z.string(),
  workers: z.int().min(1).max(64),
  listen: z
    .array(
      z.object({
        ...place.shape,
        transport: z.string().optional(),
        advertise: z.object({ host: z.string() }).optional(),
      }),
    )
    .max(16),
  health: place,
  channel: z.union([
    z.object({ dial: z.literal('inside-out'), ...place.shape }),
    z.object({ dial: z.literal('outside-in') }),
  ]),
  permissionModel: z.enum(['required', 'off']),
});

/** Reads what `proxy.json` says. */
export function proxySettings(text: string): Result<NodeSettings, string> {
  const parsed = proxySchema.safeParse(parsedJson(text));
  if (!parsed.success) return err(z.prettifyError(parsed.error));
  const { site, node, workers, listen, health, channel, permissionModel } = parsed.data;
  const channelPlaces =
    channel.dial === 'outside-in'
      ? []
      : Array.from({ length: workers }, (_, worker) => ({
          host: channel.host,
          port: channel.port === 0 ? 0 : channel.port + worker,
          purpose: `channel of worker ${worker}`,
        }));
  return ok({
    role: 'proxy',
    site,
    node,
    places: [
      ...listen.map(({ host, port: at, transport }) => ({
        host,
        port: at,
        purpose: transport === 'tcp' ? 'partners, plain TCP' : 'partners',
      })),
      { ...health, purpose: 'health' },
      ...channelPlaces,
    ],
    channelPlaces,
    partnerPlaces: listen
      .filter(({ transport }) => transport !== 'tcp')
      .map(({ host, port: at, advertise }) => ({
        host,
        port: at,
        serverName: nameIn(advertise?.host),
      })),
    health,
    workers,
    isPermissionModelOff: permissionModel === 'off',
    publicNames: listen.flatMap(({ advertise }) => (advertise ? [advertise.host] : [])),
    published: undefined,
    domains: [],
    nameservers: [],
    proxies: [],
  });
}

/** What `site.yaml` says of a gateway. */
export function gatewaySettings(site: SiteFile, node: string): Result<NodeSettings, string> {
  const gateway = site.gateways.find((each) => each.node === node);
  if (gateway === undefined) return err(`site.yaml has no gateway ${node}`);
  const { inner, health, channel } = gateway;
  const channelPlaces =
    site.channel.dial === 'outside-in' && channel !== undefined
      ? [{ ...channel, purpose: 'channel' }]
      : [];
  return ok({
    role: 'gateway',
    site: site.name,
    node,
    places: [
      { host: inner.host, port: inner.port, purpose: 'inner servers' },
      { ...health, purpose: 'health' },
      ...channelPlaces,
    ],
    channelPlaces,
    partnerPlaces: [],
    health,
    workers: 1,
    isPermissionModelOff: false,
    publicNames: [...new Set([site.public.host, ...publicNames(site)])],
    published: site.public,
    domains: site.domains,
    nameservers: site.nameservers,
    proxies: site.proxies.map(({ node: proxy, workers }) => ({ node: proxy, workers })),
  });
}

/** A certificate is asked for and judged by name; an address is none. */
function nameIn(host: string | undefined): string | undefined {
  return host === undefined || parseAddress(host) !== undefined ? undefined : host;
}
