import { contextTag, DerReader, Tag } from './der-reader.ts';
import { type DistinguishedName, readRelativeName } from './distinguished-name.ts';
import { readGeneralName } from './general-name.ts';

/** What a distribution point is called (RFC 5280 §4.2.1.13): an address, a directory's name, or its end below the issuer's. */
export type PointName =
  | { readonly kind: 'uri'; readonly text: string }
  | { readonly kind: 'directory'; readonly rdns: readonly string[] }
  | { readonly kind: 'relative'; readonly rdn: string };

const POINTS_MAX = 16;
const NAMES_MAX = 64;

/**
 * Reads cRLDistributionPoints (RFC 5280 §4.2.1.13) as the names of lists that are complete on their own.
 *
 * Points that cover some reasons only, or whose list another authority signs, are left out, and so are names
 * of other forms. At most 16; an extension that is malformed names none.
 */
export function readDistributionPoints(extension: Buffer): readonly PointName[] {
  const names: PointName[] = [];
  const whole = DerReader.over(extension);
  const points = whole.enter(Tag.sequence);
  whole.finish();
  while (points.hasMore) {
    const point = points.enter(Tag.sequence);
    const name = contextTag(0, true);
    const found = point.peek() === name ? readPointName(point.enter(name)) : [];
    if (!point.hasMore) names.push(...found);
  }
  return whole.failed ? [] : names.slice(0, POINTS_MAX);
}

/** Reads a DistributionPointName. */
export function readPointName(reader: DerReader): PointName[] {
  const names: PointName[] = [];
  const fullName = contextTag(0, true);
  if (reader.peek() !== fullName) {
    names.push({ kind: 'relative', rdn: readRelativeName(reader.enter(contextTag(1, true))) });
    reader.finish();
    return names;
  }
  const sequence = reader.enter(fullName);
  let count = 0;
  while (sequence.hasMore) {
    const name = readGeneralName(sequence);
    if (name.kind === 'uri') names.push({ kind: 'uri', text: name.text });
    if (name.kind === 'directory') names.push({ kind: 'directory', rdns: name.name.rdns });
    if (++count > NAMES_MAX) reader.fail();
  }
  reader.finish();
  return names;
}

/** One text for each name, the same for all that name one point of this issuer (RFC 5280 §5.2.5). */
export function comparablePoint(name: PointName, issuer: DistinguishedName): string {
  switch (name.kind) {
    case 'uri':
      return `uri ${name.text}`;
    case 'directory':
      return `directory ${JSON.stringify(name.rdns)}`;
    case 'relative':
      return `directory ${JSON.stringify([...issuer.rdns, name.rdn])}`;
  }
}
