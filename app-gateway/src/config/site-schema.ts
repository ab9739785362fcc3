import { POSTURE_LEVELS } from '@sallyport/shared/channel/posture-level.ts';
import { z } from 'zod';
import { auditSchema } from './audit-schema.ts';
import { databaseSchema } from './database-schema.ts';
import { limitsSchema } from './limits-schema.ts';
import { networkSchema, translatedAddress } from './network-schema.ts';
import { contacts } from './partner-schema.ts';
import { siemSchema } from './siem-schema.ts';
import { SITE_LAYOUTS } from './site-layout.ts';
import {
  bindPoint,
  domainName,
  endpoint,
  filePath,
  hostName,
  network,
  portNumber,
  shortName,
} from './word-schema.ts';

const identitySchema = z.strictObject({
  name: shortName,
  serverNames: z.array(domainName).max(1000).default([]),
  chain: filePath,
  key: filePath,
});

const listenSchema = z.strictObject({
  ...bindPoint.shape,
  /** `tcp`: plain SIP, for the partners alone whose record allows it. */
  transport: z.enum(['tls', 'tcp']).default('tls'),
  proxyProtocolFrom: z.array(network).max(64).default([]),
  /** Balancers that only look whether the port is open, and send nothing. */
  checksFrom: z.array(network).max(64).default([]),
  /** By which name partners reach it, where that is not the site's public one. */
  advertise: endpoint.optional(),
  /** What their packets are addressed to, before a firewall or balancer translates. */
  nat: translatedAddress.optional(),
});

const proxySchema = z.strictObject({
  node: shortName,
  listen: z.array(listenSchema).min(1).max(16),
  health: bindPoint.prefault({ host: '127.0.0.1', port: 8081 }),
  channel: endpoint.optional(),
  workers: z.int().min(1).max(64).default(2),
  permissionModel: z.enum(['required', 'off']).default('required'),
});

const gatewaySchema = z.strictObject({
  node: shortName,
  inner: z.strictObject({ ...bindPoint.shape, advertise: hostName }),
  channel: endpoint.optional(),
  health: bindPoint.prefault({ host: '127.0.0.1', port: 8082 }),
});

const communitySchema = z.strictObject({
  id: shortName,
  domains: z.array(domainName).min(1).max(1000),
  hosts: z.array(z.strictObject({ ...endpoint.shape, serverName: domainName.optional() })).min(1),
  ca: filePath,
  identity: z.strictObject({ chain: filePath, key: filePath }),
  probe: z
    .strictObject({
      intervalMs: z.int().min(500).max(600_000).default(5000),
      timeoutMs: z.int().min(100).max(60_000).default(2000),
      failuresToDown: z.int().min(1).max(20).default(2),
      successesToUp: z.int().min(1).max(20).default(2),
    })
    .prefault({}),
});

const nameserver = z.union(
  [
    z.ipv4(),
    z.ipv6(),
    z.string().regex(/^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/),
  ],
  'must be an IP address, or address:port with IPv6 in brackets',
);

/** The site file, `site.yaml`: hosts, roles, addresses and what we own. Unknown keys are refused. */
export const siteSchema = z.strictObject({
  name: shortName,
  layout: z.enum(SITE_LAYOUTS),
  domains: z.array(domainName).min(1).max(1000),
  public: z.strictObject({ host: hostName, port: portNumber.default(5061) }),
  channel: z
    .strictObject({
      dial: z.enum(['inside-out', 'outside-in']).default('inside-out'),
      /** Life of channel certificates; hosts renew theirs at two thirds of it. */
      certificateDays: z.int().min(1).max(90).default(7),
    })
    .prefault({}),
  /** Ours, as partners read them in an offer. */
  contacts,
  identities: z.array(identitySchema).min(1).max(256),
  unknownServerName: z.enum(['refuse', 'default']).default('refuse'),
  missingServerName: z.enum(['refuse', 'default']).default('default'),
  nameservers: z.array(nameserver).max(16).default([]),
  proxies: z.array(proxySchema).min(1).max(64),
  gateways: z.array(gatewaySchema).min(1).max(64),
  communities: z.array(communitySchema).min(1).max(256),
  /** Hosts that were lost, or serial numbers: their channels close everywhere, whatever their certificates say. */
  revokedNodes: z.array(shortName).max(256).default([]),
  /** Partners that are cut off, whatever their files or the database say. */
  severedPartners: z.array(shortName).max(10_000).default([]),
  /** Absent: the gateway's own, as long as there is one gateway. */
  database: databaseSchema.optional(),
  audit: auditSchema.prefault({}),
  /** Who else gets the audit ledger. */
  siem: z.array(siemSchema).max(16).default([]),
  limits: limitsSchema.prefault({}),
  /** Below this level the site is not used, by any of its programs. */
  requirePosture: z.enum(POSTURE_LEVELS).optional(),
  /** The networks around it, which `sallyport plan` needs. */
  network: networkSchema.optional(),
});

/** The site file after its schema, before the files it names are read. */
export type SiteFile = z.infer<typeof siteSchema>;
