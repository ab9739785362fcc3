/** The word by which the system or a library names what it threw, such as `ENOENT`; undefined where it has none. */
export function errorCode(cause: unknown): string | undefined {
  if (!(cause instanceof Error && 'code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
