import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Issued } from '@sallyport/certs/authority.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  parseRevocationList,
  type RevocationList,
} from '@sallyport/shared/x509/revocation-list.ts';
import { environment } from '../../peers/support/environment.ts';

const version = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const isRequired = environment['SALLYPORT_TOOLS_REQUIRED'] === '1';

/** The other implementation: what it writes we must read. Skips loudly where it is not installed. */
export const OPENSSL = {
  skip:
    version.status === 0 || isRequired
      ? false
      : 'openssl is not installed: its lists are not tested',
} as const;

/** Runs openssl on some input; throws with its words when it fails. */
export function openssl(args: readonly string[], input?: string): Buffer {
  const done = spawnSync('openssl', args, input === undefined ? {} : { input });
  if (done.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${done.stderr.toString()}`);
  return done.stdout;
}

export function parsed({ certificatePem }: Pick<Issued, 'certificatePem'>): Certificate {
  const [der] = decodePem(certificatePem, 'CERTIFICATE');
  const certificate = parseCertificate(der as Buffer);
  if (!certificate.ok) throw new Error(certificate.error);
  return certificate.value;
}

export function parsedList(pem: string): RevocationList {
  const list = parseRevocationList(decodePem(pem, 'X509 CRL')[0] as Buffer);
  if (!list.ok) throw new Error(list.error);
  return list.value;
}

/** What an authority run by `openssl ca` shall list. */
export interface OpensslList {
  /** Serial in hex and reason. */
  readonly revoked?: readonly (readonly [serialHex: string, reason: string])[];
  /** Lines of the extension section. */
  readonly extensions?: readonly string[];
  /** From now; negative ends the list in the past. */
  readonly hours?: number;
  readonly digest?: string;
}

/** A revocation list in DER made by `openssl ca -gencrl` with the authority's key. */
export function opensslList(authority: Issued, request: OpensslList = {}): Buffer {
  return withFolder(authority, (folder) => {
    const index = (request.revoked ?? []).map(
      ([serial, reason]) =>
        `R\t361231235959Z\t260102030405Z,${reason}\t${serial}\tunknown\t/CN=x\n`,
    );
    writeFileSync(join(folder, 'index.txt'), index.join(''));
    writeFileSync(join(folder, 'number'), '01\n');
    const extensions = request.extensions ?? ['authorityKeyIdentifier=keyid'];
    writeFileSync(
      join(folder, 'ca.cnf'),
      [
        '[ca]\ndefault_ca=site\n[site]',
        `database=${folder}/index.txt`,
        ...(extensions.length > 0 ? [`crlnumber=${folder}/number`] : []),
        `default_md=${request.digest ?? 'sha256'}`,
        'default_crl_hours=24',
        ...(extensions.length > 0 ? ['crl_extensions=ext'] : []),
        '[ext]',
        ...extensions,
        '',
      ].join('\n'),
    );
    const args = [
      'ca',
      '-config',
      `${folder}/ca.cnf`,
      '-gencrl',
      '-crlhours',
      `${request.hours ?? 24}`,
    ];
    const pem = openssl([...args, '-cert', `${folder}/ca.crt`, '-keyfile', `${folder}/ca.key`]);
    return decodePem(pem.toString(), 'X509 CRL')[0] as Buffer;
  });
}

/** What an OCSP responder run by openssl shall answer. */
export interface OpensslAnswer {
  readonly certificate: Certificate;
  /** Signs instead of the authority. */
  readonly responder?: Issued;
  /** `V`, or the reason for which it is revoked; undefined: never heard of. */
  readonly status: string | undefined;
  readonly digest?: 'sha1' | 'sha256';
  readonly arguments?: readonly string[];
}

/** An OCSP response in DER made by `openssl ocsp` for one certificate of an authority. */
export function opensslAnswer(authority: Issued, request: OpensslAnswer): Buffer {
  const { certificate, responder = authority, status, digest = 'sha1' } = request;
  return withFolder(authority, (folder) => {
    const serial = certificate.serialHex.replace(/^00/, '').toUpperCase();
    const line =
      status === 'V'
        ? `V\t361231235959Z\t\t${serial}\tunknown\t/CN=x\n`
        : `R\t361231235959Z\t260102030405Z,${status}\t${serial}\tunknown\t/CN=x\n`;
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const issuer = join(folder, 'ca.crt');
    const question = join(folder, 'question');
    const answer = join(folder, 'answer');
    openssl([
      ...['ocsp', `-${digest}`, '-no_nonce', '-issuer', issuer],
      ...['-serial', `0x${serial}`, '-reqout', question],
    ]);
    openssl([
      ...['ocsp', '-index', file('index.txt', status === undefined ? '' : line)],
      ...['-CA', issuer, '-rsigner', file('responder.crt', responder.certificatePem)],
      ...['-rkey', file('responder.key', responder.privateKeyPem), '-reqin', question],
      ...['-respout', answer, ...(request.arguments ?? ['-nmin', '60'])],
    ]);
    return readFileSync(answer);
  });
}

function withFolder<T>(authority: Issued, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'revocation-'));
  try {
    writeFileSync(join(folder, 'ca.crt'), authority.certificatePem);
    writeFileSync(join(folder, 'ca.key'), authority.privateKeyPem, { mode: 0o600 });
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
