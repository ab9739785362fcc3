import { ENROLMENT_USAGE } from '../keys/enrolment-words.ts';

/** How it is written on the command line. */
const AWAIT_USAGE = 'sallyport-dmz-proxy await FOLDER';

/** All that the program can be asked for. */
export const PROGRAM_USAGE = `usage: sallyport-dmz-proxy BUNDLE-FOLDER | --version | --help\n       ${AWAIT_USAGE}\n       ${ENROLMENT_USAGE}\n`;

/** Whether the usage is what was asked for, and no complaint. */
export function isHelp(words: readonly string[]): boolean {
  return words.length === 1 && (words[0] === '--help' || words[0] === '-h');
}

/** The folder of whoever wants to know when a proxy is up; a bundle of that name is written `./await`. */
export function awaitedFolder([verb, folder, ...rest]: readonly string[]): string | undefined {
  const isAsked = verb === 'await' && folder !== undefined && rest.length === 0;
  return isAsked && !folder.startsWith('-') ? folder : undefined;
}
