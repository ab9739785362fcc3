import { z } from 'zod';
import { domainName, endpoint, filePath, network, publicKeyPin, shortName } from './word-schema.ts';

const METHOD = /^[A-Z][A-Z0-9-]{1,31}$/;
const EVENT_PACKAGE = /^[A-Za-z0-9][A-Za-z0-9.!%*_+`'~-]{0,63}$/;

/** A file of certificates, or the PEM text itself. */
const certificates = z.union(
  [z.string().startsWith('-----BEGIN CERTIFICATE-----'), filePath],
  'must be PEM text or a relative path without ".."',
);

/**
 * One partner company, as `partners/<id>.yaml` says it.
 *
 * What opens a door has no default: domains, trust anchors and methods must be written down, and an absent
 * event package is a refused one.
 */
export const partnerSchema = z.strictObject({
  id: shortName,
  enabled: z.boolean().default(true),
  description: z.string().max(500).default(''),
  contacts: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        email: z.string().max(320).optional(),
        phone: z.string().max(50).optional(),
      }),
    )
    .max(20)
    .default([]),
  domains: z.array(domainName).min(1).max(1000),
  anchors: z.array(certificates).min(1).max(64),
  intermediates: z.array(certificates).max(64).default([]),
  pins: z.array(publicKeyPin).max(64).default([]),
  acceptNoExtendedKeyUsage: z.boolean().default(true),
  sourceNetworks: z.array(network).max(1000).default([]),
  methods: z.array(z.string().regex(METHOD, 'is no SIP method (upper case)')).min(1).max(64),
  eventPackages: z
    .array(z.string().regex(EVENT_PACKAGE, 'is no event package name (RFC 6665)'))
    .max(64)
    .default([]),
  ownIdentity: shortName.optional(),
  endpoints: z.array(endpoint).max(64).default([]),
  connectionReuse: z.enum(['alias', 'always']).default('alias'),
  connectionsMax: z.int().min(1).max(10_000).default(16),
  messagesPerSecond: z.number().min(0.1).max(100_000).default(100),
  messagesBurst: z.int().min(1).max(1_000_000).default(200),
  requestsInFlightMax: z.int().min(1).max(1_000_000).default(1000),
  keepAliveMs: z.int().min(5000).max(840_000).default(25_000),
});

/** A partner file after its schema, before the files it names are read. */
export type PartnerFile = z.infer<typeof partnerSchema>;
