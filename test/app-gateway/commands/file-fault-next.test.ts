import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextAfterFault } from '@sallyport/app-gateway/commands/file-fault-next.ts';
import type { FileFaultCode } from '@sallyport/certs/file-fault.ts';

const rows: readonly (readonly [FileFaultCode, partner: RegExp, ca: RegExp])[] = [
  ['password-wrong', /^give it: --password-file FILE$/, /^give it: --password-file FILE$/],
  ['file-truncated', /^ask the partner to send the file again$/, /^ask the CA to send/],
  [
    'certificates-none',
    /^ask the partner for the certificate of its authority/,
    /^ask the CA for PEM/,
  ],
  ['file-format-unknown', /as PEM or DER$/, /leaf first$/],
  ['certificates-too-many', /^ask the partner for its own root/, /^ask the CA for our certificate/],
  ['encryption-unsupported', /^ask the partner for PEM or DER/, /^ask the CA for PEM or DER/],
  ['certificate-malformed', /^show the partner .*issued anew/, /^show the CA .*issued anew/],
  ['offer-signature-wrong', /^ask the partner for a new offer$/, /new offer$/],
];

describe('the next step after a file that could not be read', () => {
  for (const [code, partner, ca] of rows) {
    it(code, () => {
      assert.match(nextAfterFault(code, 'partner'), partner);
      assert.match(nextAfterFault(code, 'CA'), ca);
    });
  }
});
