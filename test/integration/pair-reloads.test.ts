import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { type Pair, startPair } from './support/pair.ts';
import { Line } from './support/pair-line.ts';
import { requestText } from './support/pair-message.ts';
import { METHODS, partnerFile, testPartner } from './support/pair-site.ts';
import { Traffic } from './support/pair-traffic.ts';

const RULE_MS_MAX = 1000;
/** Grace in which gateways hear of it, then the next look at what is still under way, once a second. */
const END_MS_MAX = 3000;

/** Puts a new partner file in the gateway's bundle and has it read; waits for its word on it. */
async function reload(pair: Pair, text: string, event: string): Promise<void> {
  const [gateway] = pair.gateways;
  const file = join(pair.site.folder, 'hosts/gateway-1/partners/globex.yaml');
  writeFileSync(file, text);
  const since = gateway?.lines.length;
  gateway?.child.kill('SIGHUP');
  await gateway?.line(event, undefined, since);
}

it('a reload under traffic: the new rule within a second, no connection dropped, a broken file ignored', async (t) => {
  const pair = await startPair(t);
  const { site, proxy, inner, outer } = pair;
  const servers = { community: inner.port, partner: outer.port };
  const write = (changes: Readonly<Record<string, unknown>>) =>
    JSON.stringify({ ...partnerFile('globex', site.globex, servers), ...changes });
  const [line, asking, other] = await Promise.all([
    pair.partner(),
    pair.partner(),
    Line.connect(site.publicPort, site.initech.identity),
  ]);
  const from = { from: '<sip:alice@initech.example>' };
  assert.equal((await other.ask(requestText('MESSAGE', from))).status, 200);
  const running = new Traffic(line, 2, { restMs: 5 });
  assert.equal((await asking.ask(requestText('INFO'))).status, 405);

  const next = await testPartner('globex.example');
  const anchors = [site.globex.authority.certificatePem, next.authority.certificatePem];
  const methods = [...METHODS, 'INFO'];
  const toldAtMs = performance.now();
  await reload(pair, write({ methods, anchors }), 'reloaded');
  while ((await asking.ask(requestText('INFO'))).status !== 200) {
    assert.ok(performance.now() - toldAtMs < RULE_MS_MAX, 'the new rule is late');
  }
  t.diagnostic(`new rule after ${(performance.now() - toldAtMs).toFixed(0)} ms`);
  const renewed = await Line.connect(site.publicPort, next.identity);
  assert.equal((await renewed.ask(requestText('INFO'))).status, 200);

  await reload(pair, 'id: globex\nmethods: [', 'site-refused');
  await reload(pair, write({ methods: [] }), 'site-refused');
  assert.equal((await asking.ask(requestText('INFO'))).status, 200);
  const statuses = await running.stop();
  t.diagnostic(`${statuses.get(200)} messages meanwhile`);
  assert.deepEqual([...statuses.keys()], [200]);
  assert.deepEqual(
    [line, asking, other, renewed].map(({ isClosed }) => isClosed),
    [false, false, false, false],
  );

  // The old anchor goes, and with it what rests on it; nothing else does.
  const since = proxy.lines.length;
  await reload(pair, write({ methods, anchors: anchors.slice(1) }), 'reloaded');
  await proxy.line('snapshot-in-use', undefined, since);
  await Promise.all([line.closed(END_MS_MAX), asking.closed(END_MS_MAX)]);
  assert.equal((await renewed.ask(requestText('INFO'))).status, 200);
  assert.equal((await other.ask(requestText('MESSAGE', from))).status, 200);
  for (const each of [renewed, other]) each.end();
  await pair.stop();
});
