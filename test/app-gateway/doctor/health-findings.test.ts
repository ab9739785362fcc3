import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { channelFindings, healthFindings } from '@sallyport/app-gateway/doctor/health-findings.ts';
import { proxyNode } from './example-nodes.ts';
import { glance } from './fake-system.ts';

const UP = {
  status: 200,
  text: '{"status":"up"}',
  metrics: '{"gateways":2,"certificateSecondsLeft":86400}',
};
const SILENT = { status: 0, text: '', metrics: '' };
const NONE = new Map<number, number>();

describe('what a program says of itself', () => {
  it('up', () => {
    assert.deepEqual(glance(healthFindings(proxyNode(), true, UP)), [
      'ok health',
      'ok channel-certificate-shown',
    ]);
  });

  for (const reason of ['no-snapshot', 'no-gateway', 'draining', 'audit-full', 'something-new']) {
    it(`down: ${reason}, with what to do`, () => {
      const text = `{"status":"down","reason":"${reason}"}`;
      const [finding] = healthFindings(proxyNode(), true, { status: 503, text, metrics: '{}' });
      assert.equal(finding?.level, 'fault');
      assert.equal(finding.what, `down: ${reason}`);
      assert.notEqual(finding.next, '');
    });
  }

  it('nothing: a fault of a program that runs, no news of one that does not', () => {
    assert.deepEqual(glance(healthFindings(proxyNode(), true, SILENT)), ['fault health']);
    assert.deepEqual(glance(healthFindings(proxyNode(), false, SILENT)), ['unknown health']);
  });

  it('a certificate that has ended', () => {
    const metrics = '{"certificateSecondsLeft":0}';
    const found = healthFindings(proxyNode(), true, { ...UP, metrics });
    assert.deepEqual(glance(found).at(-1), 'fault channel-certificate-shown');
  });
});

describe('the age of a gateway’s database', () => {
  for (const [age, expected] of [
    ['1073741823', 'ok database-age'],
    ['1073741824', 'warning database-age'],
    ['1932735284', 'fault database-age'],
  ] as const) {
    it(`${age}: ${expected}`, () => {
      const metrics = `sallyport_gateway_flows 5\nsallyport_gateway_database_age ${age}\nx 1\n`;
      for (const status of [200, 503]) {
        const found = healthFindings(proxyNode(), true, { ...UP, status, metrics });
        assert.deepEqual(glance(found).slice(1), [expected]);
        assert.equal(found.at(-1)?.next === '', expected.startsWith('ok'));
      }
    });
  }
});

describe('what a gateway says of its SIEMs', () => {
  const siem = (...gauges: readonly (readonly [string, number])[]) => {
    const lines = gauges.map(([name, value]) => `sallyport_gateway_siem_${name} ${value}`);
    return healthFindings(proxyNode(), true, { ...UP, metrics: lines.join('\n') }).slice(1);
  };

  it('nothing, where there are none', () => {
    assert.deepEqual(siem(['destinations', 0], ['failing', 0]), []);
  });

  it('those that are fed', () => {
    const found = siem(['destinations', 2], ['failing', 0], ['days_left', 3]);
    assert.deepEqual(glance(found), ['ok siem']);
  });

  it('one that gets nothing, what waits for it, and how long that is kept', () => {
    const failing = (left: number, ending: number) =>
      siem(
        ...([
          ['destinations', 2],
          ['failing', 1],
          ['waiting_records', 812],
        ] as const),
        ...([
          ['days_left', left],
          ['ending', ending],
        ] as const),
      );
    const [warning] = failing(8, 0);
    assert.equal(warning?.level, 'warning');
    const kept = 'retention takes the first of them in 8 days';
    assert.equal(
      warning?.what,
      `destinations that get nothing: 1; records that wait: 812; ${kept}`,
    );
    assert.match(warning?.next ?? '', /^its log/);
    const [fault] = failing(7, 1);
    assert.equal(fault?.level, 'fault');
    assert.match(fault?.next ?? '', /audit\.retentionDays/);
    const since = siem(['destinations', 1], ['failing', 1], ['waiting_records', 0]);
    assert.deepEqual(glance(since), ['warning siem']);
    // Where little is kept, as the gateway counts it.
    assert.deepEqual(glance(failing(3, 0)), ['warning siem']);
  });

  it('one that is fed, and too slow for what is kept', () => {
    const waits = [
      ['waiting_records', 812],
      ['days_left', 2],
      ['ending', 1],
    ] as const;
    assert.deepEqual(glance(siem(['destinations', 1], ['failing', 0], ...waits)), ['fault siem']);
  });
});

describe('the channel', () => {
  it('a dialled proxy: each worker by the connections at its port', () => {
    const found = (ports: ReadonlyMap<number, number>) =>
      channelFindings(proxyNode(), true, UP, ports).map(({ level, where }) => `${level} ${where}`);
    assert.deepEqual(
      found(
        new Map([
          [7443, 2],
          [7444, 2],
        ]),
      ),
      ['ok 10.1.0.11:7443 (channel of worker 0)', 'ok 10.1.0.11:7444 (channel of worker 1)'],
    );
    assert.deepEqual(
      found(
        new Map([
          [7443, 1],
          [5061, 9],
        ]),
      ),
      ['ok 10.1.0.11:7443 (channel of worker 0)', 'fault 10.1.0.11:7444 (channel of worker 1)'],
    );
  });

  const dialling = proxyNode({ channel: { dial: 'outside-in', gateways: [] } });
  for (const [metrics, finding] of [
    ['{"gateways":1}', 'ok channel'],
    ['{"gateways":0}', 'fault channel'],
    ['{}', 'unknown channel'],
  ] as const) {
    it(`a proxy that dials and says ${metrics}: ${finding}`, () => {
      assert.deepEqual(glance(channelFindings(dialling, true, { ...UP, metrics }, NONE)), [
        finding,
      ]);
    });
  }

  it('a gateway: each worker of each proxy by what it reports', () => {
    const gateway = {
      ...proxyNode(),
      role: 'gateway',
      proxies: [{ node: 'edge-1', workers: 2 }],
    } as const;
    const metrics = 'sallyport_proxy_gateways{proxy="edge-1",worker="0"} 1\n';
    const found = (answer: typeof UP) =>
      channelFindings(gateway, true, answer, NONE).map(({ level, where }) => `${level} ${where}`);
    assert.deepEqual(found({ ...UP, metrics }), [
      'ok worker 0 of edge-1',
      'fault worker 1 of edge-1',
    ]);
    assert.deepEqual(found(SILENT), ['unknown edge-1']);
  });

  //  channels counted, workers named       levels of the workers 0 and 1
  const counted: readonly (readonly [number, readonly number[], readonly string[]])[] = [
    [2, [0, 1], ['ok', 'ok']],
    [2, [1], ['ok', 'ok']],
    [2, [], ['ok', 'ok']],
    [1, [1], ['fault', 'ok']],
    [1, [], ['unknown', 'unknown']],
    [0, [], ['fault', 'fault']],
  ];
  for (const [channels, named, levels] of counted) {
    it(`a gateway that counts ${channels} and names ${named.join() || 'none'}: ${levels.join()}`, () => {
      const proxies = [{ node: 'edge-1', workers: 2 }];
      const gateway = { ...proxyNode(), role: 'gateway', proxies } as const;
      const metrics = named.map(
        (at) => `sallyport_proxy_gateways{proxy="edge-1",worker="${at}"} 1`,
      );
      const answer = { status: 200, text: `{"channels":${channels}}`, metrics: metrics.join('\n') };
      const found = channelFindings(gateway, true, answer, NONE);
      assert.deepEqual(
        found.map(({ level }) => level),
        levels,
      );
    });
  }

  it('is not known while nothing runs', () => {
    assert.deepEqual(glance(channelFindings(proxyNode(), false, SILENT, NONE)), [
      'unknown channel',
    ]);
  });
});
