import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { partnerExplain } from '@sallyport/app-gateway/commands/partner/partner-explain.ts';
import type { SetView } from '@sallyport/app-gateway/commands/partner/partner-view.ts';
import { answerRequest } from '@sallyport/certs/answer-request.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { formatSpoken } from '@sallyport/certs/fingerprint-words.ts';
import { readOffer } from '@sallyport/certs/offer.ts';
import { domainCertificate, NOW_MS, YEAR } from '../../site-fixture.ts';
import { CommandBench, sent } from '../command-bench.ts';

const DAY_MS = 86_400_000;

interface Step {
  readonly partner: { readonly state: string; readonly next?: string };
  readonly set: SetView;
}

describe('commands of the partner exchange', () => {
  let bench: CommandBench;
  let theirs: Issued;
  const receive = async (name: string, ...content: string[]) => {
    const file = sent(name, content.join(''));
    const answer = await bench.done<Step>(
      ['partner', 'receive'],
      { partner: 'initech', file },
      'bob',
    );
    // Nobody could copy from the screen what is to be heard from the partner.
    for (const pem of content) {
      const digest = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
      assert.ok(!JSON.stringify(answer).includes(digest));
    }
    return answer.set;
  };
  /** What the partner would read out. */
  const fingerprintOf = async (partner: string): Promise<string> => {
    const state = await bench.context.store.load();
    assert.ok(state.ok);
    const record = state.value.partners.find(({ id }) => id === partner);
    return record?.trustSets.at(-1)?.fingerprint ?? '';
  };
  const verify = (operator: string, fingerprint: string) =>
    bench.ask(['partner', 'verify'], { partner: 'initech', fingerprint }, operator);
  const used = (set: string, ageDays: number) =>
    bench.context.store.recordSightings([
      {
        partner: 'initech',
        direction: 'accepted',
        spki: 'spki',
        key: set,
        firstAtMs: NOW_MS - ageDays * DAY_MS,
        lastAtMs: NOW_MS - ageDays * DAY_MS,
        handshakes: 1,
        lastSource: '192.0.2.7',
        lastProxy: 'edge-1',
      },
    ]);

  const listed = async (): Promise<readonly string[]> => {
    const { partners } = await bench.done<{ partners: { partner: string; state: string }[] }>(
      ['partner', 'list'],
      {},
    );
    return partners.flatMap(({ partner, state }) => [partner, state]);
  };

  before(async () => {
    bench = await CommandBench.open();
    theirs = await createAuthority({ commonName: 'Initech CA', ...YEAR });
    await bench.people('ann', 'bob', 'carl');
    const settings = { domain: ['initech.example'], method: ['MESSAGE'] };
    await bench.done(['partner', 'add'], { partner: 'initech', ...settings }, 'bob');
  });
  after(() => bench.close());

  it('refuses a second partner of that name or domain, and settings that are none', async () => {
    const add = (partner: string, settings: object) =>
      bench.refused(['partner', 'add'], { partner, ...settings }, 'bob');
    const method = ['MESSAGE'];
    assert.equal(await add('initech', { domain: ['x.example'], method }), 'partner-known');
    assert.equal(await add('other', { domain: ['initech.example'], method }), 'domains-overlap');
    assert.equal(await add('other', { domain: ['acme.example'], method }), 'domains-overlap');
    assert.equal(await add('other', { domain: ['x.example'] }), 'settings-wrong');
    const settings = sent('x.yaml', 'domains: [x.example]\nmethods: [MESSAGE]\nid: y\n');
    assert.equal(await add('other', { settings }), 'settings-wrong');
  });

  it('warns of settings that are seldom meant, when they are written down and when they stay', async () => {
    const add = { partner: 'umbrella', domain: ['umbrella.example'], method: ['MESAGE', 'INVITE'] };
    const words = ['methods[0]: MESAGE is no registered SIP method; did you mean MESSAGE?', 'BYE'];
    const warned = ({ warnings }: { warnings: readonly string[] }, expected: readonly string[]) => {
      assert.equal(warnings.length, expected.length, warnings.join('\n'));
      expected.forEach((part, at) => {
        assert.ok(warnings[at]?.includes(part), warnings[at] ?? part);
      });
    };
    warned(await bench.done(['partner', 'add'], add, 'bob'), words);
    const change = { partner: 'umbrella', description: 'rain' };
    warned(await bench.done(['partner', 'change'], change, 'bob'), words);
    const mended = { partner: 'umbrella', method: ['MESSAGE'] };
    warned(await bench.done(['partner', 'change'], mended, 'bob'), []);
    await bench.done(['partner', 'remove'], { partner: 'umbrella' }, 'ann');
  });

  it('takes a set in with its problems, and no rubbish', async () => {
    const leaf = await domainCertificate(theirs, 'initech.example');
    assert.deepEqual(await listed(), ['initech', 'no keys yet']);
    const set = await receive('initech.pem', leaf.certificatePem, theirs.certificatePem);
    assert.deepEqual(await listed(), ['initech', 'keys wait to be verified']);
    assert.deepEqual(
      [set.id, set.state, set.words, set.fingerprint],
      ['t1', 'received', undefined, undefined],
    );
    const again = { partner: 'initech', file: sent('b.pem', theirs.certificatePem) };
    assert.equal(await bench.refused(['partner', 'receive'], again, 'bob'), 'trust-known');
    const other = await domainCertificate(theirs, 'elsewhere.example');
    const wrong = { partner: 'initech', file: sent('c.pem', other.certificatePem) };
    const { error } = await bench.ask(['partner', 'receive'], wrong, 'bob');
    assert.equal(error?.code, 'trust-empty', JSON.stringify(error));
    assert.match(JSON.stringify(error?.detail), /no-domain-covered/);
  });

  it('is verified by two people; a slip is no attempt, a wrong fingerprint is one', async () => {
    const shown = await bench.done(['partner', 'show'], { partner: 'initech' });
    const root = new X509Certificate(theirs.certificatePem).fingerprint256;
    assert.doesNotMatch(JSON.stringify(shown), new RegExp(root.replaceAll(':', ''), 'i'));
    const fingerprint = await fingerprintOf('initech');
    const words = formatSpoken(fingerprint).join(' ');
    assert.doesNotMatch(JSON.stringify(shown), new RegExp(`${fingerprint}|${words}`));
    assert.equal(
      (await verify('bob', words.replace(/ \w+/, ''))).error?.code,
      'fingerprint-malformed',
    );
    assert.equal((await verify('bob', 'f0'.repeat(32))).error?.code, 'fingerprint-wrong');
    assert.equal((await verify('bob', words)).ok, true);
    assert.equal((await verify('bob', words)).error?.code, 'verifier-twice');
    assert.equal(
      await bench.refused(['partner', 'stage'], { partner: 'initech' }, 'bob'),
      'trust-none',
    );
    assert.deepEqual(await listed(), ['initech', 'keys wait to be verified']);
    assert.equal((await verify('carl', root)).ok, true);
    assert.deepEqual(await listed(), ['initech', 'keys wait to be staged']);
    const events = await bench.done<{ events: { kind: string }[] }>(['events', 'list'], {
      subject: 'partner/initech',
    });
    assert.equal(
      events.events.filter(({ kind }) => kind === 'trust-verification-failed').length,
      1,
    );
  });

  it('is staged, confirmed by force or by use, and the old set retired once it is out of use', async () => {
    const tellings = bench.applied.length;
    const staged = await bench.done<Step>(['partner', 'stage'], { partner: 'initech' }, 'bob');
    assert.deepEqual([staged.set.state, staged.partner.state], ['staged', 'open']);
    assert.equal(bench.applied.length, tellings + 1);
    const activate = { partner: 'initech', set: 't1', force: true, reason: 'connects monthly' };
    assert.equal(await bench.refused(['partner', 'activate'], activate, 'bob'), 'officer-needed');
    await bench.done(['partner', 'activate'], activate, 'ann');
    const retire = { partner: 'initech', set: 't1' };
    assert.equal(await bench.refused(['partner', 'retire'], retire, 'bob'), 'trust-last');

    const next = await createAuthority({ commonName: 'Initech CA 2', ...YEAR });
    await receive('initech-2.pem', next.certificatePem);
    const words = formatSpoken(await fingerprintOf('initech')).join(' ');
    for (const operator of ['bob', 'carl']) assert.equal((await verify(operator, words)).ok, true);
    await bench.done(['partner', 'stage'], { partner: 'initech' }, 'bob');
    await used('t1', 6);
    const { error } = await bench.ask(['partner', 'retire'], retire, 'bob');
    assert.equal(error?.code, 'trust-still-used');
    assert.match(error?.message ?? '', /192\.0\.2\.7 over edge-1/);
    const sooner = { ...retire, unusedDays: 5 };
    const retired = await bench.done<Step>(['partner', 'retire'], sooner, 'bob');
    assert.equal(retired.set.state, 'retired');
  });

  it('can be rejected, cut off, let in again and, severed, removed', async () => {
    const third = await createAuthority({ commonName: 'Initech CA 3', ...YEAR });
    const set = await receive('initech-3.pem', third.certificatePem);
    const reject = { partner: 'initech', set: set.id, reason: 'sent by mistake' };
    assert.equal(
      (await bench.done<Step>(['partner', 'reject'], reject, 'bob')).set.state,
      'rejected',
    );
    assert.equal(
      await bench.refused(['partner', 'remove'], { partner: 'initech' }, 'ann'),
      'partner-in-use',
    );
    const why = { partner: 'initech', reason: 'key stolen' };
    const severed = await bench.done<Step>(['partner', 'sever'], why, 'bob');
    assert.equal(severed.partner.state, 'severed');
    assert.equal(await bench.refused(['partner', 'sever'], why, 'bob'), 'partner-severed');
    assert.equal(
      await bench.refused(['partner', 'restore'], { ...why, reason: ' ' }, 'bob'),
      'reason-needed',
    );
    assert.equal(await bench.refused(['partner', 'restore'], why, 'bob'), 'officer-restores');
    const restored = await bench.done<Step>(['partner', 'restore'], why, 'ann');
    assert.equal(restored.partner.state, 'open');
  });

  it('changes settings, by option and by file, and shows the difference', async () => {
    const settings = sent('more.yaml', 'connectionsMax: 3\n');
    const changed = await bench.done<{ difference: object }>(
      ['partner', 'change'],
      { partner: 'initech', method: ['MESSAGE', 'INVITE'], settings },
      'bob',
    );
    assert.deepEqual(changed.difference, {
      methods: { before: ['MESSAGE'], after: ['MESSAGE', 'INVITE'] },
      connectionsMax: { before: 16, after: 3 },
    });
    const same = { partner: 'initech', method: ['MESSAGE', 'INVITE'] };
    assert.equal(await bench.refused(['partner', 'change'], same, 'bob'), 'nothing-changes');
    const wider = { partner: 'initech', domain: ['initech.example', 'initech-group.example'] };
    assert.equal(await bench.refused(['partner', 'change'], wider, 'bob'), 'officer-adds-domains');
    const unknown = { partner: 'nobody', method: ['MESSAGE'] };
    assert.equal(await bench.refused(['partner', 'change'], unknown, 'bob'), 'partner-unknown');
  });

  it('explains and foresees', async () => {
    const explain = {
      from: 'a@initech.example',
      to: 'b@acme.example',
      method: 'SUBSCRIBE',
      event: 'presence',
    };
    const explained = await bench.done<{ outcome: string; checks: { check: string }[] }>(
      ['partner', 'explain'],
      explain,
    );
    assert.equal(explained.outcome, 'fail');
    assert.ok(explained.checks.length > 3);
    const out = await bench.done<{ outcome: string }>(['partner', 'explain'], {
      from: 'sip:b@acme.example',
      to: 'sip:a@initech.example',
    });
    assert.notEqual(out.outcome, 'pass');
    const trials = [
      { partner: 'initech', rule: 'methods', outcome: 'fail', detail: 'allowed: MESSAGE' },
    ] as const;
    const told = partnerExplain.text({ outcome: 'pass', checks: [], trials });
    assert.match(told, /on trial for initech[^\n]*\n[^\n]*\nmethods +NO +allowed: MESSAGE$/);
    const later = new Date(NOW_MS + 364 * DAY_MS).toISOString();
    const forecast = await bench.done<{ foresights: { what: string }[] }>(['partner', 'forecast'], {
      at: later,
    });
    assert.ok(forecast.foresights.some(({ what }) => what === 'anchor-ends'));
    assert.equal(await bench.refused(['partner', 'forecast'], { at: 'soon' }), 'parameters-wrong');
  });
});

describe('commands for our own keys', () => {
  let bench: CommandBench;
  before(async () => {
    bench = await CommandBench.open();
    await bench.people('ann', 'bob');
    const settings = { domain: ['initech.example'], method: ['MESSAGE'] };
    await bench.done(['partner', 'add'], { partner: 'initech', ...settings }, 'bob');
  });
  after(() => bench.close());

  it('are requested, installed, offered, shown, and given up', async () => {
    const ours = await createAuthority({ commonName: 'federation CA', ...YEAR });
    const offer = { partner: 'initech' };
    assert.equal(await bench.refused(['partner', 'offer'], offer, 'bob'), 'offer-empty');
    for (const key of ['k1', 'k2']) {
      const requested = await bench.done<{ key: string; requestPem: string }>(
        ['cert', 'request'],
        { identity: 'main' },
        'bob',
      );
      assert.equal(requested.key, key);
      assert.doesNotMatch(JSON.stringify(requested), /PRIVATE|sealed/);
      const answer = await answerRequest(ours, requested.requestPem, YEAR);
      assert.ok(answer.ok);
      const install = { identity: 'main', key, file: sent('main.pem', answer.value) };
      const { error } = await bench.ask(['cert', 'install'], install, 'bob');
      assert.equal(error?.code, 'certificate-problems');
      const anchors = sent('root.pem', ours.certificatePem);
      await bench.done(['cert', 'install'], { ...install, anchors }, 'bob');
      if (key === 'k1') await bench.done(['cert', 'activate'], { identity: 'main', key }, 'bob');
    }
    const offered = await bench.done<{
      fingerprint: string;
      files: { name: string; text: string }[];
    }>(['partner', 'offer'], offer, 'bob');
    assert.deepEqual(
      offered.files.map(({ name }) => name),
      ['acme-offer-1.json', 'acme-offer-1.html', 'acme-offer-1.pem', 'acme-offer-1.p7b'],
    );
    const read = readOffer(Buffer.from(offered.files[0]?.text ?? ''), []);
    assert.ok(read.ok);
    assert.deepEqual(
      read.value.identities[0]?.keys.map(({ use }) => use),
      ['now', 'next'],
    );
    assert.equal(read.value.anchors.length, 1);

    const next = { identity: 'main', key: 'k2' };
    const early = await bench.done<{ towards: string }>(
      ['cert', 'activate'],
      { ...next, partner: 'initech' },
      'bob',
    );
    assert.equal(early.towards, 'initech');
    await bench.done(['cert', 'activate'], next, 'bob');
    assert.equal(await bench.refused(['cert', 'retire'], next, 'bob'), 'key-current');
    const retired = await bench.done<{ keys: { id: string; state: string; isCurrent: boolean }[] }>(
      ['cert', 'retire'],
      { identity: 'main', key: 'k1' },
      'bob',
    );
    assert.deepEqual(
      retired.keys.map(({ id, state, isCurrent }) => [id, state, isCurrent]),
      [
        ['k1', 'retired', false],
        ['k2', 'active', true],
      ],
    );
    await bench.done(['cert', 'list'], {});
    assert.equal(
      await bench.refused(
        ['cert', 'install'],
        { ...next, identity: 'x', file: sent('a', 'a') },
        'bob',
      ),
      'identity-unknown',
    );
  });

  it('take in our own offer as a partner would', async () => {
    const { files, fingerprint } = await bench.done<{
      fingerprint: string;
      files: { name: string; text: string }[];
    }>(['partner', 'offer'], { partner: 'initech' }, 'bob');
    const other = await CommandBench.open();
    await other.people('ann', 'bob');
    Object.assign(other.context, {
      site: { ...other.context.site, domains: ['elsewhere.example'] },
    });
    const settings = { domain: ['acme.example'], method: ['MESSAGE'] };
    await other.done(['partner', 'add'], { partner: 'acme', ...settings }, 'bob');
    const [json] = files;
    const file = sent(json?.name ?? '', json?.text ?? '');
    const received = await other.done<{ set: SetView; format: string }>(
      ['partner', 'receive'],
      { partner: 'acme', file },
      'bob',
    );
    assert.deepEqual([received.format, received.set.origin.sequence], ['sallyport', 2]);
    assert.equal(received.set.fingerprint, undefined);
    for (const operator of ['ann', 'bob']) {
      await other.done(['partner', 'verify'], { partner: 'acme', fingerprint }, operator);
    }
    await other.close();
  });

  it('tell a partner of what our listeners advertise, and of plain TCP if its record allows that', async () => {
    const { site } = bench.context;
    const [proxy] = site.proxies;
    assert.ok(proxy);
    const [first] = proxy.listen;
    assert.ok(first);
    const listen = [
      first,
      { ...first, advertise: { host: 'edge.acme.example', port: 443 } },
      {
        ...first,
        port: 15_060,
        transport: 'tcp' as const,
        nat: { address: '203.0.113.9', port: 5060 },
      },
    ];
    Object.assign(bench.context, { site: { ...site, proxies: [{ ...proxy, listen }] } });
    const told = async () =>
      await bench.done<{ files: { text: string }[]; plainPlaces: string[] }>(
        ['partner', 'offer'],
        { partner: 'initech' },
        'bob',
      );
    const { files, plainPlaces } = await told();
    const read = readOffer(Buffer.from(files[0]?.text ?? ''), []);
    assert.ok(read.ok);
    assert.deepEqual(read.value.endpoints, [
      { host: site.public.host, port: site.public.port },
      { host: 'edge.acme.example', port: 443 },
    ]);
    assert.deepEqual(plainPlaces, []);
    const settings = sent('initech.yaml', 'plainTcp: true\nsourceNetworks: [203.0.113.0/24]\n');
    const change = { partner: 'initech', settings };
    assert.equal(await bench.refused(['partner', 'change'], change, 'bob'), 'officer-opens');
    await bench.done(['partner', 'change'], change, 'ann');
    assert.deepEqual((await told()).plainPlaces, [`${site.public.host}:5060`]);
    Object.assign(bench.context, { site });
  });
});
