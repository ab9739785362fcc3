import { z } from 'zod';
import { shortName } from './word-schema.ts';

/** Whose words are kept, for whom, and how long such a word may be; by itself nobody's are. */
const bodiesSchema = z.strictObject({
  /** Each holds the private half of a key that is on none of our hosts; every body is sealed for all of them. */
  auditors: z
    .array(
      z.strictObject({
        name: shortName,
        /** X25519, 32 octets. */
        key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'is no base64 of 32 octets'),
      }),
    )
    .max(32)
    .default([]),
  rules: z
    .array(
      z.strictObject({
        name: shortName,
        partner: shortName.optional(),
        users: z
          .array(
            z
              .string()
              .max(256)
              .regex(/^[^@]*@[^@]+$/, 'is neither user@domain nor @domain'),
          )
          .min(1)
          .max(1000)
          .optional(),
        methods: z
          .array(z.string().regex(/^[A-Z]{1,32}$/, 'is no method'))
          .min(1)
          .max(16)
          .default(['MESSAGE']),
      }),
    )
    .max(256)
    .default([]),
  bytesMax: z.int().min(1).max(16_777_216).default(1_048_576),
});

/**
 * What is put on record, for how long, and what happens when it cannot be.
 *
 * The ledger is in the site's database: without one nothing is recorded, whatever stands here.
 */
export const auditSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** At a proxy that can keep no more: no traffic, or traffic that is only counted. */
  whenFull: z.enum(['refuse', 'gap']).default('refuse'),
  retentionDays: z.int().min(1).max(36_500).default(400),
  /** Per worker of a proxy: records that no gateway has acknowledged, in memory and then on its disk. */
  memoryBytesMax: z.int().min(1_048_576).max(1_073_741_824).default(8_388_608),
  spoolBytesMax: z.int().min(1_048_576).max(1_099_511_627_776).default(268_435_456),
  /** At a gateway: records that are not in the database yet. */
  journalBytesMax: z.int().min(268_435_456).max(17_592_186_044_416).default(8_589_934_592),
  /** At a gateway: records of one proxy; one that brings more is read more slowly. */
  proxyBytesPerSecond: z.int().min(1_048_576).max(1_073_741_824).default(16_777_216),
  /** Whether a record has the hash of its message's body, behind the site's salt. */
  bodyHashes: z.boolean().default(false),
  bodies: bodiesSchema.prefault({}),
});
