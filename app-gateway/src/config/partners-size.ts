/** What proxies can be sent of all partners: a snapshot has 64 MiB (`channel/frame.ts`), and other things are in it as well. */
export const PARTNERS_BYTES_MAX = 60 * 1_048_576;

/** Octets of partners as a snapshot has them, about. */
export function partnersBytes(partners: readonly object[]): number {
  return partners.reduce((sum, partner) => sum + Buffer.byteLength(JSON.stringify(partner)), 0);
}

/** What is said where they are too many. */
export function tooManyBytes(bytes: number): string {
  const [has, most] = [bytes, PARTNERS_BYTES_MAX].map((one) => (one / 1_048_576).toFixed(1));
  return `what proxies are told of partners has ${has} MiB, of which ${most} are possible; long revocation lists are better fetched ("revocation: { fetch: true }")`;
}
