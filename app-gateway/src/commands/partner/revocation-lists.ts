import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';
import { parseRevocationList } from '@sallyport/shared/x509/revocation-list.ts';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import { bytesOf, type SentFile } from '../parameter-schema.ts';

const LABEL = 'X509 CRL';
const BEGIN = `-----BEGIN ${LABEL}-----`;

/** The lists in files that were sent, one PEM text each; or what is wrong with which file. */
export function listsOfFiles(
  files: readonly SentFile[],
): Result<readonly string[], readonly string[]> {
  const read = files.map((file) => {
    const bytes = bytesOf(file);
    const text = bytes.toString('latin1');
    return { name: file.name, ders: text.includes(BEGIN) ? decodePem(text, LABEL) : [bytes] };
  });
  const problems = read.flatMap(({ name, ders }) => derProblems(ders, name));
  if (problems.length > 0) return err(problems);
  return ok(read.flatMap(({ ders }) => ders.map((der) => encodePem(der, LABEL))));
}

/**
 * What is wrong with the lists of settings that were not `known` before; a database has no files beside it that they
 * could name.
 */
export function listProblems(
  lists: readonly string[],
  known: readonly string[],
): readonly string[] {
  return lists.flatMap((list, at) => {
    if (known.includes(list)) return [];
    const where = `revocation.lists.${at}`;
    if (list.startsWith(BEGIN)) return derProblems(decodePem(list, LABEL), where);
    return [
      `${where}: is the name of a file, which the database would not have: give the file with --revocation-list, or its PEM text`,
    ];
  });
}

/** Whose list a PEM text is and how long it is good, for people; any other text as it is. */
export function shownList(text: string): string {
  const [der] = text.startsWith(BEGIN) ? decodePem(text, LABEL) : [];
  const list = der && parseRevocationList(der);
  if (list?.ok !== true) return text;
  const { issuerName, nextUpdateMs } = list.value;
  const issuer = issuerName.commonNames[0] ?? issuerName.organizations.at(-1) ?? 'nobody';
  return `list of ${issuer}, good until ${utcText(nextUpdateMs)}`;
}

function derProblems(ders: readonly Buffer[], where: string): readonly string[] {
  if (ders.length === 0) return [`${where}: holds no readable revocation list`];
  return ders.flatMap((der) => {
    const list = parseRevocationList(der);
    return list.ok
      ? []
      : [`${where}: holds no revocation list that proxies can use: ${list.error}`];
  });
}
