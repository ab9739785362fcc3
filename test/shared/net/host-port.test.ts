import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bracketed, hostPort } from '@sallyport/shared/net/host-port.ts';

const rows: readonly (readonly [host: string, shown: string])[] = [
  ['sip.globex.example', 'sip.globex.example'],
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '[2001:db8::1]'],
  ['::', '[::]'],
];

for (const [host, shown] of rows) {
  it(`${host} -> ${shown}`, () => {
    assert.equal(bracketed(host), shown);
    assert.equal(hostPort(host, 5061), `${shown}:5061`);
  });
}
