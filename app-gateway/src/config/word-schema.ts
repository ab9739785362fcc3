import { isIP } from 'node:net';
import { parseNetwork } from '@sallyport/shared/net/network.ts';
import { z } from 'zod';

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);

/** A domain name in lower case, internationalised ones as A-labels (RFC 5890), without final dot or wildcard. */
export const domainName = z
  .string()
  .toLowerCase()
  .refine(isDomainName, 'is no domain name (letters, digits, hyphens; xn-- form; no wildcard)');

/** A domain name or an IP address; IPv6 without brackets. */
export const hostName = z
  .string()
  .toLowerCase()
  .refine((text) => isIP(text) !== 0 || isDomainName(text), 'is no host name and no IP address');

/** An address that a socket can be bound to. */
export const bindAddress = z.string().refine((text) => isIP(text) !== 0, 'is no IP address');

/** A TCP port that others dial. */
export const portNumber = z.int().min(1).max(65_535);

/** Short name of a node, a site, a partner or a community: part of certificate names and file names. */
export const shortName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits or hyphens, without a hyphen at either end',
  );

/** An address range like `192.0.2.0/24`; a lone address means exactly that one. */
export const network = z
  .string()
  .refine((text) => parseNetwork(text).ok, 'is no address range such as 192.0.2.0/24');

/** A path below the folder of the file that names it, so that a site can be copied as one folder. */
export const filePath = z
  .string()
  .min(1)
  .refine(isInnerPath, 'must be a relative path without "..": a site is one folder');

/** SHA-256 of a public key (SPKI), base64, as in RFC 7469 §2.4. */
export const publicKeyPin = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/, 'is no base64 SHA-256 of a public key (44 characters)');

/** A host and port that others dial. */
export const endpoint = z.strictObject({ host: hostName, port: portNumber });

/** A socket of ours; port 0 takes a free one, which only tests can want. */
export const bindPoint = z.strictObject({ host: bindAddress, port: z.int().min(0).max(65_535) });

function isDomainName(text: string): boolean {
  return DOMAIN.test(text) && isIP(text) === 0;
}

function isInnerPath(text: string): boolean {
  return !text.startsWith('/') && !/[\\:\0]/.test(text) && !text.split('/').includes('..');
}
