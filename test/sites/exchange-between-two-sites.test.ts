import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ExchangeSite, type ShownPartner } from '../integration/support/exchange-site.ts';
import { type RequestWishes, requestText } from '../integration/support/pair-message.ts';
import { Traffic } from '../integration/support/pair-traffic.ts';

const SEVER_MS = 5000;
/** Of officers: a test has no week in which an old key is out of use. */
const FORCE = ['--force', '--reason', 'both sides have changed over, we saw it'];

describe('a partner exchange between two sites', { timeout: 240_000 }, () => {
  let acme: ExchangeSite;
  let globex: ExchangeSite;

  before(async () => {
    [acme, globex] = await Promise.all([ExchangeSite.open('acme'), ExchangeSite.open('globex')]);
  });
  after(() => Promise.all([acme?.close(), globex?.close()]));

  it('lets nobody in before both have verified and staged', async () => {
    await Promise.all([acme.addPartner(globex), globex.addPartner(acme)]);
    assert.ok((await sent(acme, globex)) >= 400);
    assert.ok((await sent(globex, acme)) >= 400);
  });

  it('takes keys both ways by file and telephone; then messages pass, and handshakes are seen', async () => {
    assert.equal(await acme.takeKeysOf(globex), 't1');
    assert.equal(await globex.takeKeysOf(acme), 't1');
    assert.equal(await sent(acme, globex), 200);
    assert.equal(await sent(globex, acme), 200);
    for (const [here, there] of bothWays()) {
      await here.untilShown(there.name, 't1 seen', isSet('t1', 'seen'));
      await here.done('partner', 'activate', there.name, ...here.as('bob'));
    }
  });

  it('reads what the partner’s check saw of us, if it is signed by the partner and unchanged', async () => {
    const file = join(globex.folder, 'acme-check.json');
    await globex.done('partner', 'check', 'acme', '--report', file);
    const read = ['partner', 'read-report', 'globex'];
    const report = await acme.done<{ isSignerKnown: boolean; domain: string; steps: object[] }>(
      ...[...read, file],
    );
    assert.deepEqual([report.isSignerKnown, report.domain], [true, 'acme.example']);
    assert.ok(report.steps.length > 8);
    const changed = join(acme.folder, 'changed.json');
    writeFileSync(changed, readFileSync(file, 'utf8').replace('"ok"', '"failed"'));
    assert.equal((await acme.refused(...read, changed)).code, 'report-signature-wrong');
    const own = join(acme.folder, 'globex-check.json');
    await acme.done('partner', 'check', 'globex', '--report', own);
    assert.equal((await acme.refused(...read, own)).code, 'report-signer-unknown');
  });

  it('rolls the keys of both over at the same time under traffic, and no message fails', async () => {
    await underTraffic(async () => {
      await Promise.all(bothWays().map(([here, there]) => rollOver(here, there)));
    });
  });

  it('cuts the partner off within five seconds, with the reason on record', async () => {
    assert.equal(await sent(acme, globex), 200);
    assert.equal(await sent(globex, acme), 200);
    const since = acme.proxy.lines.length;
    const startMs = performance.now();
    const why = ['--reason', 'their key was stolen'];
    await acme.done('partner', 'sever', 'globex', ...why, ...acme.as('bob'));
    const severed = (line: { readonly [field: string]: unknown }) =>
      line['code'] === 'partner-severed';
    await acme.proxy.line('identity-ended', severed, since);
    await globex.untilShown('acme', 'no connection', ({ connections }) => connections.length === 0);
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs < SEVER_MS, `${tookMs} ms`);
    const shown = await acme.show('globex');
    assert.deepEqual(
      [shown.state, shown.severed?.operator, shown.severed?.reason, shown.connections.length],
      ['severed', 'bob', 'their key was stolen', 0],
    );
    assert.ok((await sent(acme, globex)) >= 400);
    assert.ok((await sent(globex, acme)) >= 400);
  });

  it('lets the partner in again', async () => {
    await acme.done('partner', 'restore', 'globex', '--reason', 'a false alarm', ...acme.as('ann'));
    assert.equal(await sent(acme, globex), 200);
    assert.equal(await sent(globex, acme), 200);
  });

  it('cuts the partner off although the site file is broken meanwhile', async () => {
    const file = join(acme.folder, 'site/hosts/gateway-1/site.yaml');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, 'layout: [');
    const since = acme.proxy.lines.length;
    await acme.done('partner', 'sever', 'globex', '--reason', 'again', ...acme.as('bob'));
    const severed = (line: { readonly [field: string]: unknown }) =>
      line['code'] === 'partner-severed';
    await acme.proxy.line('identity-ended', severed, since);
    assert.ok((await sent(acme, globex)) >= 400);
    assert.ok((await sent(globex, acme)) >= 400);
    writeFileSync(file, whole);
  });

  function bothWays(): readonly (readonly [ExchangeSite, ExchangeSite])[] {
    return [
      [acme, globex],
      [globex, acme],
    ];
  }

  async function underTraffic(work: () => Promise<void>): Promise<void> {
    const streams: Traffic[] = [];
    for (const [here, there] of bothWays()) {
      const request = messageFrom(here, there);
      streams.push(new Traffic(await here.line(), 3, { request, restMs: 40 }));
    }
    try {
      await work();
    } finally {
      await Promise.all(streams.map((stream) => stream.stop()));
    }
    for (const { statuses } of streams) {
      assert.deepEqual([...statuses.keys()], [200], JSON.stringify([...statuses]));
      assert.ok((statuses.get(200) ?? 0) > 100);
    }
  }

  /** A new key of `changing`, until nothing of its old one is left on either side. */
  async function rollOver(changing: ExchangeSite, other: ExchangeSite): Promise<void> {
    const { key, spki } = await changing.makeNextKey();
    const early = ['cert', 'activate', 'main', '--key', key, ...changing.as('bob')];
    assert.equal((await changing.refused(...early)).code, 'partners-not-told');
    const second = await other.takeKeysOf(changing);
    await changing.done(...early);
    const isNewKeySeen = ({ accepts }: ShownPartner) =>
      accepts.some(({ id, lastUse }) => id === second && lastUse?.spki === spki);
    await other.untilShown(changing.name, `${key} under ${second}`, isNewKeySeen);
    await other.done('partner', 'activate', changing.name, ...other.as('bob'));
    await retireBy(other, changing, 't1');
    await retireOwn(changing, other);
    const third = await other.takeKeysOf(changing);
    await other.untilShown(changing.name, `on ${third}`, ({ connections }) =>
      connections.some(({ trustSet }) => trustSet === third),
    );
    const force = ['--set', third, ...FORCE, ...other.as('ann')];
    await other.done('partner', 'activate', changing.name, ...force);
    await retireBy(other, changing, second);
    await other.untilShown(changing.name, `all on ${third}`, ({ connections }) =>
      connections.every(({ trustSet }) => trustSet === third),
    );
  }
});

/** Too early it is refused, with when and from where. */
async function retireBy(here: ExchangeSite, there: ExchangeSite, set: string): Promise<void> {
  const retire = ['partner', 'retire', there.name, '--set', set];
  const early = await here.refused(...retire, ...here.as('bob'));
  assert.equal(early.code, 'trust-still-used');
  assert.match(early.message, /was used on \d{4}-\d\d-\d\d .* from 127\.0\.0\.1 over edge-1/);
  await here.done(...retire, ...FORCE, ...here.as('ann'));
}

async function retireOwn(here: ExchangeSite, there: ExchangeSite): Promise<void> {
  const retire = ['cert', 'retire', 'main', '--key', 'k1'];
  const early = await here.refused(...retire, ...here.as('bob'));
  assert.equal(early.code, 'key-still-used');
  assert.match(early.message, new RegExp(`was shown to ${there.name} on \\d{4}`));
  await here.done(...retire, ...FORCE, ...here.as('ann'));
}

function isSet(id: string, state: string): (shown: ShownPartner) => boolean {
  return ({ accepts }) => accepts.some((set) => set.id === id && set.state === state);
}

function messageFrom(here: ExchangeSite, there: ExchangeSite): RequestWishes {
  return {
    uri: `sip:bob@${there.domain}`,
    from: `<sip:alice@${here.domain}>`,
    to: `<sip:bob@${there.domain}>`,
    sentBy: `chat.${here.name}.internal`,
  };
}

/** What the inner server gets for one message to the other company. */
async function sent(here: ExchangeSite, there: ExchangeSite): Promise<number> {
  const line = await here.line();
  return (await line.ask(requestText('MESSAGE', messageFrom(here, there)))).status;
}
