import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { whyTurnedAway } from '@sallyport/app-gateway/gateway/why-turned-away.ts';
import { loadSite, SITE_YAML, siteTexts } from '../site-fixture.ts';

const loaded = loadSite(SITE_YAML, [], await siteTexts());
assert.ok(loaded.ok);
const [proxy] = loaded.value.proxies;
assert.ok(proxy);
const { node, workers } = proxy;
const SERIAL = '0a0b';

//  node     worker       revoked    expected
const rows: readonly (readonly [string, number, readonly string[], string | undefined])[] = [
  [node, 0, [], undefined],
  [node, workers - 1, [], undefined],
  [node, workers, [], 'worker-unknown'],
  [node, 255, [], 'worker-unknown'],
  ['edge-9', 0, [], 'proxy-unknown'],
  [node, 0, ['edge-9'], undefined],
  [node, 0, [node], 'node-revoked'],
  [node, 0, [SERIAL], 'node-revoked'],
  ['edge-9', 0, ['edge-9'], 'node-revoked'],
];

describe('a channel of a proxy', () => {
  for (const [name, worker, revokedNodes, expected] of rows) {
    it(`${name}/${worker}, revoked: ${revokedNodes.join() || 'none'}: ${expected ?? 'served'}`, () => {
      const certified = { site: 'acme', role: 'proxy', node: name, serials: [SERIAL] } as const;
      const channel = { node: name, worker, connection: { certified } };
      assert.equal(whyTurnedAway(channel, { proxies: [proxy], revokedNodes }), expected);
    });
  }
});
