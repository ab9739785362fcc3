import { z } from 'zod';
import { bindAddress, domainName, network, portNumber, shortName } from './word-schema.ts';

const innerZone = z.enum(['outer-dmz', 'dmz', 'inner-dmz', 'intranet']);
const anyZone = z.enum(['internet', ...innerZone.options]);
const interfaceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, 'is no name of a network interface');

/** Where partners' packets are addressed to before a firewall or a balancer sends them on. */
export const translatedAddress = z.strictObject({ address: bindAddress, port: portNumber });

const hostSchema = z.strictObject({
  name: shortName,
  /** All of its addresses, every one in the same zone: a host with legs in two zones is a firewall without rules. */
  addresses: z.array(bindAddress).min(1).max(16),
  /** Names under which the site file speaks of it. */
  names: z.array(domainName).max(16).default([]),
  /** Our programs on it. */
  nodes: z.array(shortName).max(4).default([]),
});

const balancerSchema = z.strictObject({
  name: shortName,
  addresses: z.array(bindAddress).min(1).max(16),
  /** What its configuration is written for. */
  kind: z.enum(['haproxy', 'keepalived', 'nftables', 'other']).default('haproxy'),
  /** Either way the proxies learn the real source: from a header, or because the packets keep it. */
  mode: z.enum(['proxy-protocol', 'pass-through']).default('proxy-protocol'),
  listen: z.strictObject({ address: bindAddress, port: portNumber.default(5061) }),
  nat: translatedAddress.optional(),
  /** Proxies that it shares connections among. */
  to: z.array(shortName).min(1).max(64),
});

const firewallSchema = z.strictObject({
  name: shortName,
  joins: z.array(anyZone).min(2).max(5),
  /** Interface towards each zone: then a packet with an address of another zone is dropped. */
  interfaces: z.partialRecord(anyZone, interfaceName).default({}),
});

const serviceSchema = z.strictObject({
  name: shortName,
  /** A directory holds what nobody in the DMZ may come near, and is refused there. */
  kind: z.enum(['directory', 'web', 'other']).default('other'),
  addresses: z.array(bindAddress).min(1).max(16),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
  port: portNumber,
  usedBy: z.enum(['proxies', 'gateways', 'all']),
});

/** The network around a site, for `sallyport plan`: which addresses stand where, and what else must be reached. */
export const networkSchema = z.strictObject({
  zones: z
    .array(z.strictObject({ zone: innerZone, networks: z.array(network).min(1).max(64) }))
    .min(1)
    .max(4),
  hosts: z.array(hostSchema).min(1).max(200),
  balancers: z.array(balancerSchema).max(8).default([]),
  /** Without any: one between each two neighbouring zones. */
  firewalls: z.array(firewallSchema).max(8).default([]),
  timeServers: z.array(bindAddress).max(8).default([]),
  /** From where hosts are administered by SSH. */
  administration: z
    .strictObject({ networks: z.array(network).min(1).max(16), port: portNumber.default(22) })
    .optional(),
  /** From where health and metrics are read. */
  monitoring: z.strictObject({ networks: z.array(network).min(1).max(16) }).optional(),
  /** What else our hosts use, such as a directory. */
  services: z.array(serviceSchema).max(64).default([]),
  /** Ports at partners that proxies may dial. */
  partnerPorts: z.array(portNumber).min(1).max(16).default([5061]),
  /** Networks of partners that speak plain SIP over TCP: nobody else reaches such a listener. */
  plainTcpFrom: z.array(network).max(64).default([]),
  /** New connections a second that a firewall lets one address open. */
  newPerSourcePerSecond: z.int().min(1).max(10_000).default(20),
});

/** As the site file says it. */
export type NetworkSettings = z.infer<typeof networkSchema>;
