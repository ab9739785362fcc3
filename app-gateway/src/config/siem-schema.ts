import { AUDIT_TYPES, type AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { z } from 'zod';
import { domainName, filePath, hostName, portNumber, shortName } from './word-schema.ts';

const TYPE_NAMES = AUDIT_TYPES.map(({ name }) => name) as [AuditTypeName, ...AuditTypeName[]];

/** A place that gets the audit ledger as syslog over TLS (RFC 5425). */
export const siemSchema = z.strictObject({
  /** Its place in the ledger is kept under it: under another name it gets everything from the beginning. */
  name: shortName,
  host: hostName,
  port: portNumber.default(6514),
  format: z.enum(['cef', 'ocsf']),
  /** Authorities of the server's certificate. */
  ca: filePath,
  /** Name in the server's certificate, where it is not `host`. */
  serverName: domainName.optional(),
  /** What we show to a server that asks who we are. */
  identity: z.strictObject({ chain: filePath, key: filePath }).optional(),
  /** Only these types of records; without it all. */
  types: z.array(z.enum(TYPE_NAMES)).min(1).optional(),
});
