/** How it is written on the command line. */
export const AWAIT_USAGE = 'sallyport-dmz-proxy await FOLDER';

/** The folder of whoever wants to know when a proxy is up; a bundle of that name is written `./await`. */
export function awaitedFolder([verb, folder, ...rest]: readonly string[]): string | undefined {
  const isAsked = verb === 'await' && folder !== undefined && rest.length === 0;
  return isAsked && !folder.startsWith('-') ? folder : undefined;
}
