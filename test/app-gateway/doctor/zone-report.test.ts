import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeResult } from '@sallyport/app-gateway/doctor/judge-result.ts';
import { isAsPlanned, tally, zoneReportText } from '@sallyport/app-gateway/doctor/zone-report.ts';
import { planned, syslogByUdp } from '../plan/site-on-a-network.ts';
import { lookedFrom, type Otherwise, PLACES } from './looked-from.ts';

const plan = planned();
const known = { plan, sha256: 'a'.repeat(64) };
const [, edge] = PLACES;

function report(
  otherwise: Otherwise,
  all = false,
  more: readonly { protocol: 'tcp'; address: string; port: number }[] = [],
) {
  const looked = lookedFrom(known, edge, otherwise);
  const listening = looked.listening && {
    ...looked.listening,
    places: [...looked.listening.places, ...more],
  };
  const result = { ...looked, ...(listening && { listening }) };
  const judged = judgeResult(plan, result);
  return { text: zoneReportText(result, judged, all), counts: tally(judged) };
}

describe('what cannot be tried', () => {
  const withSyslog = planned(syslogByUdp);
  const looked = lookedFrom({ plan: withSyslog, sha256: known.sha256 }, edge);
  const judged = judgeResult(withSyslog, looked);

  it('is said, by name and why, and counted for itself; no server is taken for closed', () => {
    const lines = zoneReportText(looked, judged, false).split('\n');
    assert.match(
      lines[1] ?? '',
      /^-\s+siem\s+udp 10\.3\.0\.80:514\s+forbidden\s+not-tried\s+not provable from here: no question is known/,
    );
    assert.match(
      lines.at(-2) ?? '',
      /, 0 differences, 1 not tried \(1 of them not provable by anybody\)$/,
    );
    assert.equal(lines.at(-1), 'as planned, as far as it could be tried');
    const counts = tally(judged);
    assert.equal(counts.asPlanned + counts.notTried, judged.pairs.length);
    assert.ok(isAsPlanned(counts));
  });

  it('where nothing could be tried nothing is as planned', () => {
    const tries = looked.tries.map((one) => ({ ...one, seen: 'not-tried' as const }));
    const nothing = judgeResult(withSyslog, { ...looked, tries });
    const counts = tally(nothing);
    assert.equal(counts.asPlanned, 0);
    assert.equal(isAsPlanned(counts), false);
    assert.match(zoneReportText(looked, nothing, false), /\nNOTHING could be tried from here/);
  });
});

const seenAt =
  (host: string, port: number, seen: 'open' | 'refused' | 'silent'): Otherwise =>
  (one) =>
    one.host === host && one.port === port ? seen : undefined;

describe('a result for people', () => {
  it('as planned it is two lines', () => {
    const { text, counts } = report(() => undefined);
    assert.match(
      text,
      /^from edge-a \(outer-dmz\): \d+ as planned, 0 differences, 0 not tried\nas planned$/,
    );
    assert.equal(counts.differences, 0);
  });

  it('a hole comes before what is blocked, each with its next step', () => {
    const { text, counts } = report(
      (one) =>
        seenAt('app-a', 5071, 'open')(one) ?? seenAt('nameserver-192-0-2-53', 53, 'silent')(one),
    );
    const lines = text.split('\n');
    assert.match(
      lines[1] ?? '',
      /^FAULT\s+app-a\s+tcp 10\.2\.0\.21:5071\s+forbidden\s+open\s+HOLE/,
    );
    assert.match(
      text,
      /FAULT\s+nameserver-192-0-2-53\s+udp 192\.0\.2\.53:53\s+allowed\s+silent\s+allowed, and no answer came: blocked; flow edge-a>/,
    );
    assert.match(text, /^next: find the rule/m);
    assert.match(lines.at(-1) ?? '', /^NOT as planned$/);
    assert.equal(counts.differences, 3);
  });

  it('nobody listens is told apart from blocked', () => {
    assert.match(
      report(seenAt('nameserver-192-0-2-53', 53, 'refused')).text,
      /refused\s+allowed, and nobody listens/,
    );
  });

  it('a socket that is in no plan is a fault, one on loopback a remark', () => {
    const open = report(() => undefined, false, [
      { protocol: 'tcp', address: '192.0.2.11', port: 9999 },
    ]);
    assert.match(
      open.text,
      /^FAULT {2}tcp 192\.0\.2\.11:9999 listens, and is in no plan\n {7}next: /,
    );
    assert.equal(open.counts.differences, 1);
    const inner = report(() => undefined, false, [
      { protocol: 'tcp', address: '127.0.0.53', port: 53 },
    ]);
    assert.equal(inner.counts.differences, 0);
    assert.match(inner.text, /1 socket on loopback alone in no plan\nas planned$/);
  });

  it('all shows what is right as well', () => {
    const { text, counts } = report(() => undefined, true);
    assert.equal(text.match(/^ok /gm)?.length, counts.asPlanned);
  });
});
