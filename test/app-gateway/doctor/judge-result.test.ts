import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeResult } from '@sallyport/app-gateway/doctor/judge-result.ts';
import { planned, syslogByUdp } from '../plan/site-on-a-network.ts';
import { lookedFrom, PLACES } from './looked-from.ts';

const plan = planned();
const known = { plan, sha256: 'a'.repeat(64) };
const [, edge] = PLACES;

describe('a result judged by the plan', () => {
  for (const place of PLACES) {
    it(`as planned, seen from ${'host' in place ? place.host : place.zone}: no difference`, () => {
      const { pairs, listening } = judgeResult(plan, lookedFrom(known, place));
      assert.ok(pairs.length > 5);
      assert.deepEqual([...new Set(pairs.map(({ verdict }) => verdict))], ['as-planned']);
      assert.deepEqual(listening, 'host' in place ? [] : undefined);
    });
  }

  it('both kinds of pairs are among them, the allowed with their flow', () => {
    const { pairs } = judgeResult(plan, lookedFrom(known, edge));
    const allowed = pairs.filter(({ isAllowed }) => isAllowed);
    assert.ok(allowed.length > 0 && allowed.length < pairs.length);
    for (const { flowId } of allowed) assert.match(flowId ?? '', /^edge-a>/);
  });

  it('what the result says of itself is not asked: a pair that it lacks was not tried', () => {
    const result = lookedFrom(known, edge);
    const { pairs } = judgeResult(plan, { ...result, tries: result.tries.slice(1) });
    assert.equal(pairs.filter(({ verdict }) => verdict === 'not-tried').length, 1);
    const invented = { ...result.tries[0], host: 'moon', seen: 'open' } as const;
    const more = { ...result, tries: [...result.tries, invented as never] };
    assert.equal(judgeResult(plan, more).pairs.length, pairs.length);
  });

  it('why one was not tried is said', () => {
    const withSyslog = planned(syslogByUdp);
    const looked = lookedFrom({ plan: withSyslog, sha256: known.sha256 }, edge);
    const untriedOf = (changed: typeof looked) =>
      new Map(
        judgeResult(withSyslog, changed).pairs.map(({ socket, untried }) => [
          `${socket.host} ${socket.protocol}/${socket.port}`,
          untried,
        ]),
      );
    const first = looked.tries.find(({ protocol }) => protocol === 'tcp');
    const key = `${first?.host} tcp/${first?.port}`;
    const but = (change: object) => ({
      ...looked,
      tries: looked.tries.map((one) => (one === first ? { ...one, ...change } : one)),
    });
    assert.equal(untriedOf(looked).get('siem udp/514'), 'no-question');
    assert.equal(untriedOf(looked).get(key), undefined);
    assert.equal(untriedOf(but({ seen: 'not-tried' })).get(key), 'failed');
    const elsewhere = but({ seen: 'not-tried', source: '10.9.9.9' });
    assert.equal(untriedOf(elsewhere).get(key), 'other-source');
    const { source: _none, ...sourceless } = { ...first, seen: 'not-tried' } as never as {
      source: string;
    };
    const tries = looked.tries.map((one) => (one === first ? (sourceless as never) : one));
    assert.equal(untriedOf({ ...looked, tries }).get(key), 'no-source');
  });

  it('the source address decides: what one host may, another may not', () => {
    const result = lookedFrom(known, PLACES[3]);
    const fromElsewhere = result.tries.map((one) => ({ ...one, source: '10.2.0.99' }));
    const { pairs } = judgeResult(plan, { ...result, tries: fromElsewhere });
    assert.ok(pairs.some(({ verdict }) => verdict === 'hole'));
  });
});
