import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { DerReader, Tag } from '@sallyport/shared/x509/der-reader.ts';

/** One element of a file that other tools wrote; all of its parts are views into that file. */
export interface BerElement {
  /** The whole identifier octet. */
  readonly tag: number;
  /** With its header, and its end mark if it has one. */
  readonly whole: Buffer;
  readonly content: Buffer;
  /** None of a primitive element. */
  readonly children: readonly BerElement[];
}

/** Why bytes are no BER: they end too early, or they are something else. */
export type BerFault = 'ber-truncated' | 'ber-malformed';

const DEPTH_MAX = 32;
const ELEMENTS_MAX = 50_000;
const LENGTH_OCTETS_MAX = 4;
const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;
const PADDING: ReadonlySet<number> = new Set([0x00, 0x0a, 0x0d, 0x20]);

/**
 * Reads one BER value whole (X.690 §8): what certificates come wrapped in, never the certificates themselves.
 *
 * Indefinite lengths and strings in pieces are read, since old tools write both. At most 32 levels and
 * 50 000 elements, no multi-byte tags; line ends and zeros may follow, other bytes not.
 */
export function parseBer(bytes: Buffer): Result<BerElement, BerFault> {
  const scan = { bytes, elements: 0, fault: undefined };
  const element = readElement(scan, 0, bytes.length, 0);
  if (element === undefined) return err(scan.fault ?? 'ber-malformed');
  const rest = bytes.subarray(element.whole.length);
  return rest.every((octet) => PADDING.has(octet)) ? ok(element) : err('ber-malformed');
}

/** The octets of an OCTET STRING, whole or in pieces, whatever its own tag is; undefined for anything else. */
export function octetsOf(element: BerElement | undefined): Buffer | undefined {
  if (element === undefined) return undefined;
  if ((element.tag & CONSTRUCTED) === 0) return element.content;
  const pieces = element.children.map((child) =>
    (child.tag & ~CONSTRUCTED) === Tag.octetString ? octetsOf(child) : undefined,
  );
  return pieces.includes(undefined) ? undefined : Buffer.concat(pieces as Buffer[]);
}

/** An OBJECT IDENTIFIER in dotted form, or the empty text. */
export function identifierOf(element: BerElement | undefined): string {
  return element === undefined ? '' : DerReader.over(element.whole).objectIdentifier();
}

/** An INTEGER from 1 to `max`, or undefined. */
export function numberOf(element: BerElement | undefined, max: number): number | undefined {
  if (element === undefined) return undefined;
  const reader = DerReader.over(element.whole);
  const value = reader.smallInteger(max);
  return reader.failed || value === 0 ? undefined : value;
}

interface Scan {
  readonly bytes: Buffer;
  elements: number;
  fault: BerFault | undefined;
}

function readElement(scan: Scan, at: number, end: number, depth: number): BerElement | undefined {
  const { bytes } = scan;
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > end) return fail(scan, end);
  const isConstructed = (tag & CONSTRUCTED) !== 0;
  const isOdd = (tag & 0x1f) === 0x1f || tag === 0;
  if (isOdd || depth >= DEPTH_MAX || ++scan.elements > ELEMENTS_MAX) return fail(scan, -1);
  if (first === INDEFINITE) {
    return isConstructed ? readIndefinite(scan, at, end, depth) : fail(scan, -1);
  }
  const octets = first > INDEFINITE ? first & 0x7f : 0;
  const start = at + 2 + octets;
  if (octets > LENGTH_OCTETS_MAX) return fail(scan, -1);
  if (start > end) return fail(scan, end);
  const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets);
  const stop = start + length;
  if (stop > end) return fail(scan, end);
  const children: BerElement[] = [];
  for (let next = start; isConstructed && next < stop; ) {
    const child = readElement(scan, next, stop, depth + 1);
    if (child === undefined) return undefined;
    children.push(child);
    next += child.whole.length;
  }
  return { tag, whole: bytes.subarray(at, stop), content: bytes.subarray(start, stop), children };
}

function readIndefinite(scan: Scan, at: number, end: number, depth: number) {
  const { bytes } = scan;
  const children: BerElement[] = [];
  let next = at + 2;
  while (next + 2 <= end) {
    if (bytes[next] === 0 && bytes[next + 1] === 0) {
      const content = bytes.subarray(at + 2, next);
      return { tag: bytes[at] as number, whole: bytes.subarray(at, next + 2), content, children };
    }
    const child = readElement(scan, next, end, depth + 1);
    if (child === undefined) return undefined;
    children.push(child);
    next += child.whole.length;
  }
  return fail(scan, end);
}

/** What lacks at the end of the file was cut off; what lacks within is wrong. */
function fail(scan: Scan, end: number): undefined {
  scan.fault ??= end === scan.bytes.length ? 'ber-truncated' : 'ber-malformed';
  return undefined;
}
