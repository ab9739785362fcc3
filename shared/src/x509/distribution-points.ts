import { contextTag, DerReader, Tag } from './der-reader.ts';
import { readGeneralName } from './general-name.ts';

const URIS_MAX = 16;
const NAMES_MAX = 64;

/**
 * Reads cRLDistributionPoints (RFC 5280 §4.2.1.13) as the addresses of lists that are complete on their own.
 *
 * Points that cover some reasons only, or whose list another authority signs, are left out, and so are names
 * that are no URI. At most 16; an extension that is malformed names none.
 */
export function readDistributionPoints(extension: Buffer): readonly string[] {
  const uris: string[] = [];
  const whole = DerReader.over(extension);
  const points = whole.enter(Tag.sequence);
  whole.finish();
  while (points.hasMore) {
    const point = points.enter(Tag.sequence);
    const name = contextTag(0, true);
    const found = point.peek() === name ? readPointName(point.enter(name)) : [];
    if (!point.hasMore) uris.push(...found);
  }
  return whole.failed ? [] : uris.slice(0, URIS_MAX);
}

/** Reads a DistributionPointName; one that is relative to the issuer's name yields no address. */
export function readPointName(reader: DerReader): string[] {
  const uris: string[] = [];
  const fullName = contextTag(0, true);
  if (reader.peek() !== fullName) {
    reader.content(contextTag(1, true));
    reader.finish();
    return uris;
  }
  const names = reader.enter(fullName);
  let count = 0;
  while (names.hasMore) {
    const name = readGeneralName(names);
    if (name.kind === 'uri') uris.push(name.text);
    if (++count > NAMES_MAX) reader.fail();
  }
  reader.finish();
  return uris;
}
