import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  endingCode,
  endingOf,
  endingText,
  rejectsOurCertificate,
} from '@sallyport/dmz-proxy/probe/tls-ending.ts';

const ALERT = (number: number) =>
  `0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:rec.c:918:SSL alert number ${number}\n`;

//  message                   code                            code for scripts       rejects us  says
const causes: readonly (readonly [string, string, string, boolean, RegExp])[] = [
  [ALERT(48), 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tls-alert-48', true, /48 unknown_ca: it does not/],
  [ALERT(42), 'ERR_SSL_X', 'tls-alert-42', true, /bad_certificate/],
  [ALERT(45), 'ERR_SSL_X', 'tls-alert-45', true, /certificate_expired/],
  [ALERT(116), 'ERR_SSL_X', 'tls-alert-116', true, /certificate_required/],
  [ALERT(40), 'ERR_SSL_X', 'tls-alert-40', false, /handshake_failure/],
  [ALERT(70), 'ERR_SSL_X', 'tls-alert-70', false, /no version of TLS/],
  [ALERT(112), 'ERR_SSL_X', 'tls-alert-112', false, /unrecognized_name/],
  [ALERT(255), 'ERR_SSL_X', 'tls-alert-255', false, /255 unknown/],
  ['wrong version', 'ERR_SSL_WRONG_VERSION_NUMBER', 'not-tls', false, /does not speak TLS/],
  ['gone', 'ECONNRESET', 'closed', false, /without a word/],
  ['refused', 'ECONNREFUSED', 'econnrefused', false, /port is closed/],
  ['odd', 'ERR_SSL_SSL/TLS ODD', 'err-ssl-ssl-tls-odd', false, /error ERR_SSL_SSL/],
];

describe('the end of a connection in words', () => {
  for (const [message, code, expected, rejects, says] of causes) {
    it(`${code} ${/number \d+/.exec(message)?.[0] ?? ''}: ${expected}`, () => {
      const ending = endingOf(Object.assign(new Error(message), { code }));
      assert.equal(endingCode(ending), expected);
      assert.equal(rejectsOurCertificate(ending), rejects);
      assert.match(endingText(ending), says);
    });
  }

  it('an error without a code has one', () => {
    assert.equal(endingCode(endingOf(new Error('x'))), 'unknown');
    assert.equal(endingCode({ kind: 'error', code: '' }), 'error');
  });

  it('tells a timeout and an aborted probe apart', () => {
    assert.notEqual(endingText({ kind: 'timeout' }), endingText({ kind: 'aborted' }));
    assert.equal(endingCode({ kind: 'aborted' }), 'aborted');
  });
});
