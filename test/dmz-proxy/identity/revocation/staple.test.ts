import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect as tcpConnect } from 'node:net';
import { describe, it } from 'node:test';
import { connect, createServer } from 'node:tls';
import {
  judgeStaple,
  mustStaple,
  type Staple,
  stapledTo,
  statusNow,
} from '@sallyport/dmz-proxy/identity/revocation/staple.ts';
import type { Path } from '@sallyport/shared/x509/path.ts';
import { issueWithTlsFeatures, ocspResponse } from '../../../ocsp-builder.ts';
import { parsed } from '../../../shared/x509/revocation-stage.ts';
import { authority, leafAt, namesake, pathOf } from './list-stage.ts';

const NOW_MS = Date.now();
const HOUR_MS = 3_600_000;
const leaf = await leafAt();
const other = await leafAt();
const path = pathOf(leaf);
const about = { certificate: leaf, authority };

function words({ status }: Pick<Staple, 'status'>): string {
  return status.ok ? status.value.kind : status.error;
}

describe('what a server staples', () => {
  const alone: Path = { ...path, chain: [leaf] };
  const rows: readonly (readonly [string, Buffer | undefined, string, Path?])[] = [
    ['that all is well', ocspResponse(about), 'good'],
    ['that it was revoked', ocspResponse({ ...about, isRevoked: true }), 'revoked'],
    ['nothing', undefined, 'ocsp-missing'],
    ['something to a leaf that has no issuer', ocspResponse(about), 'ocsp-missing', alone],
    ['about another', ocspResponse({ ...about, certificate: other }), 'ocsp-other-certificate'],
    ['by another key', ocspResponse({ ...about, forger: namesake }), 'ocsp-signature-bad'],
    [
      'by another authority',
      ocspResponse({ ...about, authority: namesake }),
      'ocsp-other-certificate',
    ],
    ['past its end', ocspResponse({ ...about, nextUpdateMs: NOW_MS - 2000 }), 'ocsp-expired'],
    ['rubbish', Buffer.from('0x'), 'ocsp-malformed'],
  ];
  for (const [name, response, expected, shownPath = path] of rows) {
    it(`${name}: ${expected}`, () => {
      assert.equal(words(judgeStaple(response, shownPath, NOW_MS)), expected);
    });
  }

  it('is good until its end, for the path it was judged by', () => {
    const nextUpdateMs = Math.floor(NOW_MS / 1000) * 1000 + HOUR_MS;
    const staple = judgeStaple(ocspResponse({ ...about, nextUpdateMs }), path, NOW_MS);
    const at = (atMs: number, later: Path) => words({ status: statusNow(staple, later, atMs) });
    assert.equal(at(nextUpdateMs, path), 'good');
    assert.equal(at(nextUpdateMs + 1, path), 'ocsp-expired');
    const moved: Path = { ...path, chain: [leaf, parsed(namesake)] };
    assert.equal(at(NOW_MS, moved), 'ocsp-other-certificate');
  });

  it('is no more than it was when it proved nothing', () => {
    const staple = judgeStaple(undefined, path, NOW_MS);
    assert.equal(words({ status: statusNow(staple, path, NOW_MS) }), 'ocsp-missing');
  });

  it('is what a certificate can bind its server to (RFC 7633)', () => {
    const bound = (...features: readonly number[]) =>
      mustStaple(parsed(issueWithTlsFeatures(authority, ...features)));
    assert.equal(bound(5), true);
    assert.equal(bound(17, 5), true);
    assert.equal(bound(17), false);
    assert.equal(mustStaple(leaf), false);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`arrives by ${version}`, async () => {
      const { certificatePem: cert, privateKeyPem: key } = issueWithTlsFeatures(authority, 5);
      const server = createServer({ cert, key, maxVersion: version });
      const response = ocspResponse(about);
      let staples = true;
      server.on('OCSPRequest', (...[, , respond]) => respond(null, staples ? response : null));
      server.on('secureConnection', (socket) => socket.on('error', () => undefined));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      for (const expected of [response, undefined]) {
        staples = expected !== undefined;
        const socket = connect({
          socket: tcpConnect(port, '127.0.0.1'),
          rejectUnauthorized: false,
          requestOCSP: true,
        });
        const told = stapledTo(socket);
        await once(socket, 'secureConnect');
        assert.deepEqual(told(), expected);
        socket.destroy();
      }
      server.close();
    });
  }
});
