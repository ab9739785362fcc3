import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import type { KeyUsageName } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';

/** Paths of a certificate's files, as peers want them. */
export interface CertificateFiles {
  readonly chain: string;
  readonly key: string;
  /** Chain and key in one file. */
  readonly both: string;
}

/** A certificate authority of a test, with its certificate in a file. */
export interface TestAuthority {
  readonly issued: Issued;
  readonly file: string;
}

/** Makes an authority and writes its certificate to `<name>-ca.pem`. */
export async function testAuthority(folder: string, name: string): Promise<TestAuthority> {
  const issued = await createAuthority({
    commonName: `${name} test CA`,
    ...validForDays(Date.now(), 2),
  });
  const file = join(folder, `${name}-ca.pem`);
  writeFileSync(file, issued.certificatePem);
  return { issued, file };
}

/** Issues a domain certificate (RFC 5922 §7.1) and writes it to files that begin with the domain. */
export async function testCertificate(
  folder: string,
  authority: TestAuthority,
  domain: string,
  hosts: readonly string[] = [],
  usages: readonly KeyUsageName[] = ['serverAuth', 'clientAuth'],
): Promise<CertificateFiles> {
  const issued = await issueDomainCertificate(authority.issued, {
    domains: [domain],
    hosts,
    usages,
    ...validForDays(Date.now(), 1),
  });
  const files = {
    chain: join(folder, `${domain}.crt`),
    key: join(folder, `${domain}.key`),
    both: join(folder, `${domain}.both.pem`),
  };
  writeFileSync(files.chain, issued.certificatePem);
  writeFileSync(files.key, issued.privateKeyPem, { mode: 0o600 });
  writeFileSync(files.both, issued.certificatePem + issued.privateKeyPem, { mode: 0o600 });
  return files;
}
