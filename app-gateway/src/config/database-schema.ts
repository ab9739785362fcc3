import { z } from 'zod';
import { domainName, filePath, hostName, portNumber } from './word-schema.ts';

const SOCKET_FOLDER = /^\/[\x21-\x7e]{1,100}$/;

/** PostgreSQL numbers transactions with 32 bits: so many behind the oldest that it remembers it takes no more changes. */
export const DATABASE_AGE_MAX = 2_147_483_648;

const postgresql = z.strictObject({
  kind: z.literal('postgresql'),
  /** A name, an address, or the folder of a Unix socket. */
  host: z.union(
    [z.string().regex(SOCKET_FOLDER), hostName],
    'is no host name, no IP address and no folder of a Unix socket',
  ),
  port: portNumber.default(5432),
  database: z.string().min(1).max(63).default('sallyport'),
  user: z.string().min(1).max(63).default('sallyport'),
  /** One line; never the password itself in this file. */
  passwordFile: filePath.optional(),
  tls: z.enum(['verified', 'off']).default('verified'),
  /** Authorities of the server's certificate; without it those of the system. */
  ca: filePath.optional(),
  /** Name in the server's certificate, where it is not `host`. */
  serverName: domainName.optional(),
  connectionsMax: z.int().min(2).max(50).default(4),
});

/**
 * Where partners, keys and their history are kept: in the gateway's own database, on a PostgreSQL server, or
 * nowhere but in the site's files.
 */
export const databaseSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('files') }),
    z.strictObject({ kind: z.literal('embedded') }),
    postgresql,
  ],
  'must have a kind: files, embedded or postgresql',
);

/** As the site file says it. */
export type DatabaseSettings = z.infer<typeof databaseSchema>;
