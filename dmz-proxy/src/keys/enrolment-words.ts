import { resolve } from 'node:path';

/** What an operator on the proxy's host asks of the program beside running: a host that makes its own channel key. */
export type Enrolment =
  | { readonly verb: 'request'; readonly bundle: string }
  | { readonly verb: 'install'; readonly bundle: string; readonly certificate: string };

/** How it is written on the command line. */
export const ENROLMENT_USAGE =
  'sallyport-dmz-proxy request --bundle FOLDER > NODE.csr\n       sallyport-dmz-proxy install NODE.crt --bundle FOLDER';

/** Whether somebody wants this and not to run the proxy; a folder of that name is written `./request`. */
export function isEnrolment([verb]: readonly string[]): boolean {
  return verb === 'request' || verb === 'install';
}

/** Reads the words of the command line; undefined where they are not understood. */
export function parseEnrolment(words: readonly string[]): Enrolment | undefined {
  const at = words.indexOf('--bundle');
  const bundle = words[at + 1] ?? '';
  const [verb, certificate = '', ...others] = words.filter((_, n) => n !== at && n !== at + 1);
  const isFile = (text: string) => text !== '' && !text.startsWith('-');
  if (at < 1 || !isFile(bundle) || others.length > 0) return undefined;
  if (verb === 'request' && certificate === '') return { verb, bundle: resolve(bundle) };
  if (verb !== 'install' || !isFile(certificate)) return undefined;
  return { verb, bundle: resolve(bundle), certificate: resolve(certificate) };
}
