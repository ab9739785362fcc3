/** The library that writes certificates, requests and revocation lists. */
export type IssuingLibrary = typeof import('@peculiar/x509');

/**
 * Loads the issuing library, once, at its first use: it takes a third of the time in which a command starts, and
 * most commands issue nothing.
 */
export async function issuingLibrary(): Promise<IssuingLibrary> {
  // First: the library's dependency container needs it.
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}
