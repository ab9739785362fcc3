import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { answerRequest } from '@sallyport/certs/answer-request.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { createCertificateRequest, REQUESTED_KINDS } from '@sallyport/certs/certificate-request.ts';

const VALIDITY = { notBeforeMs: Date.UTC(2026, 5, 1), notAfterMs: Date.UTC(2027, 5, 1) };

describe('answering a request of our own', () => {
  let authority: Issued;
  before(async () => {
    authority = await createAuthority({ commonName: 'federation CA', ...VALIDITY });
  });

  for (const kind of REQUESTED_KINDS) {
    it(`issues what the request asks for, for a key of kind ${kind}`, async () => {
      const request = await createCertificateRequest({
        domains: ['acme.example'],
        hosts: ['sip.acme.example'],
        kind,
      });
      const answer = await answerRequest(authority, request.requestPem, VALIDITY);
      assert.ok(answer.ok);
      const certificate = new X509Certificate(answer.value);
      assert.ok(certificate.verify(new X509Certificate(authority.certificatePem).publicKey));
      assert.equal(
        certificate.subjectAltName,
        'URI:sip:acme.example, DNS:acme.example, DNS:sip.acme.example',
      );
      assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
      assert.equal(certificate.ca, false);
    });
  }

  it('refuses what is no request, and one whose signature is of another key', async () => {
    const { requestPem } = await createCertificateRequest({ domains: ['acme.example'] });
    const lines = requestPem.trim().split('\n');
    const der = Buffer.from(lines.slice(1, -1).join(''), 'base64');
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    const forged = `${lines[0]}\n${der.toString('base64')}\n${lines.at(-1)}\n`;
    const rows = [
      ['rubbish', 'request-unreadable'],
      [forged, 'request-not-proved'],
    ] as const;
    for (const [pem, fault] of rows) {
      assert.deepEqual(await answerRequest(authority, pem, VALIDITY), { ok: false, error: fault });
    }
  });
});
