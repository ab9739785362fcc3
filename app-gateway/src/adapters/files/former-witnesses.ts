import { z } from 'zod';

const schema = z.record(
  z.string(),
  z.strictObject({
    key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'is no base64 of 32 octets'),
    since: z.iso.date(),
  }),
);

/** Hosts that are no longer of the site, by name: what their seals are proved with, and the day (UTC) since when. */
export type FormerWitnesses = Readonly<
  Record<string, { readonly key: string; readonly since: string }>
>;

/** Throws what is wrong with the text. */
export function parseFormerWitnesses(text: string): FormerWitnesses {
  return schema.parse(JSON.parse(text));
}
