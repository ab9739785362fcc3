import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsPostgres } from './support/postgres-server.ts';
import { until } from './support/wait.ts';
import { packetBalancerSite, workingSite } from './zones/example-sites.ts';
import { needsZones } from './zones/needs-zones.ts';
import type { Speaker } from './zones/speaker.ts';
import { inZones, OUTSIDE, planOfSite, type Talk, ZonePair } from './zones/zone-pair.ts';

const { skip } = needsPostgres();
const options = skip === false ? needsZones('kamailio', 'haproxy') : { skip };

const OTHER_PROXY_MS = 4000;
const TALK_MS = 30_000;
/** Fifteen seconds without a confirmation, and a busy machine. */
const CUT_OFF_MS = 25_000;
/** More than ends within a test: it is stopped. */
const ENDLESS = { pauseMs: 20 } as const;
const MANY = 100_000;

test(
  'a proxy is killed: its partners come back through the other within 4 s, those of the other notice nothing',
  options,
  inZones(
    () => planOfSite(workingSite()),
    async (stage, network) => {
      const pair = await ZonePair.start(stage, network, workingSite());
      const talks = await fourTalks(pair);
      const killedAt = Date.now();
      await pair.nodes.get('edge-2')?.kill();
      const newcomer = await pair.partnerWrites('partner-b', 5);
      await until(
        'all of them to go on',
        TALK_MS,
        () =>
          talks.every(({ said }) => said.filter(({ at }) => at > killedAt + 5000).length > 20) ||
          undefined,
      );
      for (const { said } of talks) {
        const longest = longestSilenceMs(said.filter(({ status }) => status === 200));
        assert.ok(longest < OTHER_PROXY_MS, `a partner was without answers for ${longest} ms`);
      }
      const untouched = talks.filter(({ said }) =>
        said.every(({ connection }) => connection === 1),
      );
      for (const { said } of untouched) assert.ok(said.every(({ status }) => status === 200));
      assert.ok(untouched.length >= 1, 'nobody was on the proxy that stayed');
      assert.ok(untouched.length < talks.length, 'nobody was on the proxy that was killed');
      const answers = (await newcomer.statuses()).filter((status) => status === 200);
      assert.ok(answers.length >= 1, 'a new partner got no answer');

      await pair.startNode('edge-2');
      const balancer = pair.program('balancer');
      await until(
        'the balancer to take it back',
        TALK_MS,
        () => /Server \S*edge-b is UP/.test(balancer.log) || undefined,
      );
    },
  ),
);

test(
  'a proxy’s host is gone without a word: its partners are told within 25 s, and come back through the other',
  options,
  inZones(
    () => planOfSite(workingSite()),
    async (stage, network) => {
      const pair = await ZonePair.start(stage, network, workingSite());
      const talks = await fourTalks(pair, { isPatient: true });
      const goneAt = Date.now();
      // No connection of it is ended: it had no time for that.
      network.at(pair.hostOf('edge-2')).network(['link set eth0 down']);
      await until(
        'all of them to go on',
        2 * CUT_OFF_MS,
        () =>
          talks.every(
            ({ said }) =>
              said.filter(({ at, status }) => at > goneAt + 1000 && status === 200).length > 20,
          ) || undefined,
      );
      const silences = talks.map(({ said }) =>
        longestSilenceMs(said.filter(({ status }) => status === 200)),
      );
      console.log(`the partners were without answers for ${silences.join(', ')} ms`);
      assert.ok(Math.max(...silences) > OTHER_PROXY_MS, 'nobody was on the host that is gone');
      assert.ok(Math.max(...silences) < CUT_OFF_MS);
    },
  ),
);

test(
  'a proxy drains under load: no message comes in unanswered, and its partners go on through the other',
  options,
  inZones(
    () => planOfSite(workingSite()),
    async (stage, network) => {
      const pair = await ZonePair.start(stage, network, workingSite());
      const talks = await fourTalks(pair);
      const drainedAt = Date.now();
      assert.equal(await pair.nodes.get('edge-2')?.stop(), 0);
      await until(
        'all of them to go on',
        TALK_MS,
        () =>
          talks.every(
            ({ said }) =>
              said.filter(({ at, status }) => at > drainedAt + 3000 && status === 200).length > 20,
          ) || undefined,
      );
      for (const { said } of talks) {
        // What was on its way when the connection ended has no answer, and must not have come in either.
        const unanswered = said.filter(({ status }) => status === 0).map(({ callId }) => callId);
        assert.deepEqual(
          unanswered.filter((callId) => pair.delivered.has(callId)),
          [],
          'a message came in and its sender was not told',
        );
        assert.ok(unanswered.length <= 1, `more than the last message: ${unanswered.length}`);
      }
    },
  ),
);

test(
  'packet rules share: the proxy that sees a partner’s own address is killed, and the partner goes on through the other',
  options,
  inZones(
    () => planOfSite(packetBalancerSite()),
    async (stage, network) => {
      const pair = await ZonePair.start(stage, network, packetBalancerSite());
      const talk = await pair.partnerWrites('partner-a', MANY, ENDLESS);
      await until('it to talk', TALK_MS, () => talk.said.length > 20 || undefined);
      const address = OUTSIDE[0]?.addresses[0] ?? '';
      const proxy = pair.proxyOf(address);
      const killedAt = Date.now();
      await pair.nodes.get(proxy)?.kill();
      await until(
        'it to go on',
        TALK_MS,
        () =>
          talk.said.filter(({ at, status }) => at > killedAt && status === 200).length > 20 ||
          undefined,
      );
      const longest = longestSilenceMs(talk.said.filter(({ status }) => status === 200));
      assert.ok(longest < OTHER_PROXY_MS, `the partner was without answers for ${longest} ms`);
      assert.notEqual(pair.proxyOf(address), proxy);
      console.log(`the partner was without answers for ${longest} ms`);

      const rotation = pair.program('balancer');
      const rotations = () => rotation.log.split('in rotation: ').length;
      const before = rotations();
      await pair.startNode(proxy);
      await until('both to share again', TALK_MS, () => rotations() > before || undefined);
      assert.match(
        rotation.log.trimEnd().split('\n').at(-1) ?? '',
        /192\.0\.2\.11 .*192\.0\.2\.12 /,
      );
    },
  ),
);

/** Four connections of a partner, shared among both proxies, once all of them have had answers. */
async function fourTalks(pair: ZonePair, wishes: Partial<Speaker> = {}): Promise<readonly Talk[]> {
  const talks = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      pair.partnerWrites('partner-a', MANY, { ...ENDLESS, ...wishes, name: `talk-${number}` }),
    ),
  );
  await until(
    'all of them to talk',
    TALK_MS,
    () => talks.every(({ said }) => said.length > 20) || undefined,
  );
  return talks;
}

function longestSilenceMs(answers: readonly { readonly at: number }[]): number {
  const gaps = answers.slice(1).map(({ at }, before) => at - (answers[before]?.at ?? at));
  return Math.max(0, ...gaps);
}
