import { z } from 'zod';
import { type PlainSettings, plainTcpFaults } from './plain-tcp.ts';
import { TRUST_STATES } from './trust-state.ts';
import { domainName, endpoint, filePath, network, publicKeyPin, shortName } from './word-schema.ts';

const METHOD = /^[A-Z][A-Z0-9-]{1,31}$/;
const EVENT_PACKAGE = /^[A-Za-z0-9][A-Za-z0-9.!%*_+`'~-]{0,63}$/;
const NAMESPACE = /^[a-z0-9!%*_+`'~-]{1,64}$/;

/** A file of certificates, or the PEM text itself. */
const certificates = z.union(
  [z.string().startsWith('-----BEGIN CERTIFICATE-----'), filePath],
  'must be PEM text or a relative path without ".."',
);

const methods = z.array(z.string().regex(METHOD, 'is no SIP method (upper case)')).min(1).max(64);
const eventPackages = z
  .array(z.string().regex(EVENT_PACKAGE, 'is no event package name (RFC 6665)'))
  .max(64);
/** `dsn`, `wps`: case does not count (RFC 4412 §3.1). */
const priorityNamespaces = z
  .array(
    z.string().toLowerCase().regex(NAMESPACE, 'is no namespace of Resource-Priority (RFC 4412)'),
  )
  .max(64);
const sourceNetworks = z.array(network).max(1000);
/** `federation`: serverAuth is good in both roles, for public CAs leave clientAuth out; `strict`: each role its own. */
const purposes = z.enum(['federation', 'strict']);
const revocationMode = z.enum(['off', 'soft-fail', 'hard-fail']);

/** Who is rung about certificates, and written to. */
export const contacts = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(200),
      email: z.string().max(320).optional(),
      phone: z.string().max(50).optional(),
    }),
  )
  .max(20)
  .default([]);

/** Everything about a partner but its id and its keys. */
const settings = {
  enabled: z.boolean().default(true),
  description: z.string().max(500).default(''),
  contacts,
  domains: z.array(domainName).min(1).max(1000),
  /** A hosting company: who shows a certificate for `certificate` may also speak for these of the partner's domains. */
  delegations: z
    .array(
      z.strictObject({ certificate: domainName, domains: z.array(domainName).min(1).max(1000) }),
    )
    .max(64)
    .default([]),
  purposes: purposes.default('federation'),
  acceptNoExtendedKeyUsage: z.boolean().default(true),
  revocation: z
    .strictObject({
      mode: revocationMode.default('off'),
      /** Whether proxies fetch lists from the distribution points in certificates. */
      fetch: z.boolean().default(true),
      /** Lists given as files, or as PEM text. */
      lists: z
        .array(z.union([z.string().startsWith('-----BEGIN X509 CRL-----'), filePath]))
        .max(16)
        .default([]),
    })
    .prefault({}),
  sourceNetworks: sourceNetworks.default([]),
  methods,
  eventPackages: eventPackages.default([]),
  /** Whose values a Resource-Priority of the partner may have here; absent: none. */
  priorityNamespaces: priorityNamespaces.optional(),
  /** Stricter rules that are only tried: what they would have refused is logged and counted. */
  trial: z
    .strictObject({
      purposes: purposes.optional(),
      acceptNoExtendedKeyUsage: z.boolean().optional(),
      revocation: revocationMode.optional(),
      sourceNetworks: sourceNetworks.optional(),
      methods: methods.optional(),
      eventPackages: eventPackages.optional(),
    })
    .optional(),
  ownIdentity: shortName.optional(),
  /** SIP without TLS from its `sourceNetworks`: there the network alone says who it is. */
  plainTcp: z.boolean().default(false),
  endpoints: z
    .array(z.strictObject({ ...endpoint.shape, transport: z.enum(['tls', 'tcp']).default('tls') }))
    .max(64)
    .default([]),
  connectionReuse: z.enum(['alias', 'always']).default('alias'),
  connectionsMax: z.int().min(1).max(10_000).default(16),
  messagesPerSecond: z.number().min(0.1).max(100_000).default(100),
  messagesBurst: z.int().min(1).max(1_000_000).default(200),
  requestsInFlightMax: z.int().min(1).max(1_000_000).default(1000),
  keepAliveMs: z.int().min(5000).max(840_000).default(25_000),
};

function refusePlainFaults(partner: PlainSettings, context: z.RefinementCtx): void {
  for (const { path, message } of plainTcpFaults(partner)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
}

/** What an operator decides about a partner, keys apart: as the database keeps it. */
export const partnerSettingsSchema = z.strictObject(settings).superRefine(refusePlainFaults);

export type PartnerSettings = z.infer<typeof partnerSettingsSchema>;

/**
 * One partner company, as `partners/<id>.yaml` says it.
 *
 * What opens a door has no default: domains, trust anchors and methods must be written down, and an absent
 * event package is a refused one.
 */
export const partnerSchema = z
  .strictObject({
    id: shortName,
    ...settings,
    anchors: z.array(certificates).min(1).max(64),
    intermediates: z.array(certificates).max(64).default([]),
    pins: z.array(publicKeyPin).max(64).default([]),
  })
  .superRefine(refusePlainFaults);

const trustSet = z.strictObject({
  /** `t1`, `t2` …, as the database numbers them. */
  id: z.string().regex(/^t[1-9]\d{0,8}$/, 'must be "t" and a number'),
  state: z.enum(TRUST_STATES),
  anchors: z.array(certificates).max(64).default([]),
  intermediates: z.array(certificates).max(64).default([]),
  pins: z.array(publicKeyPin).max(64).default([]),
  /** Base64 SPKI of the keys that may sign the partner's next offers. */
  signingKeys: z.array(z.base64().max(200)).max(8).default([]),
});

/** A partner in the middle of a change of keys: several sets, each with its state, instead of one. */
export const partnerOfSetsSchema = z
  .strictObject({
    id: shortName,
    ...settings,
    trustSets: z.array(trustSet).max(1000),
    /** Cut off, whatever the rest says. */
    severed: z
      .strictObject({
        atMs: z.int().min(0),
        operator: z.string().min(1).max(200),
        reason: z.string().min(1).max(2000),
      })
      .optional(),
  })
  .superRefine(refusePlainFaults);

/** A set of a partner's file. */
export type PartnerFileSet = z.infer<typeof trustSet>;

/** A partner file after its schema, before the files it names are read; the short form is one set in force. */
export type PartnerFile = { readonly id: string } & PartnerSettings & {
    readonly trustSets: readonly PartnerFileSet[];
    readonly severed?: z.infer<typeof partnerOfSetsSchema>['severed'];
    /** Whether the file says `anchors`, not `trustSets`. */
    readonly isShortForm: boolean;
  };

/** What the short form's only set is called; a database numbers it when it takes it in. */
export const FILE_SET = 'file';

/** One form of both: the short one is a set in force. */
export function partnerFileOf(
  content: z.infer<typeof partnerSchema> | z.infer<typeof partnerOfSetsSchema>,
): PartnerFile {
  if ('trustSets' in content) return { ...content, isShortForm: false };
  const { anchors, intermediates, pins, ...rest } = content;
  const set: PartnerFileSet = {
    id: FILE_SET,
    state: 'active',
    anchors,
    intermediates,
    pins,
    signingKeys: [],
  };
  return { ...rest, trustSets: [set], isShortForm: true };
}
