import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Finding, LEVELS } from '@sallyport/app-gateway/doctor/finding.ts';
import {
  hostReportText,
  isSound,
  sortedFindings,
} from '@sallyport/app-gateway/doctor/host-report.ts';

const findings: readonly Finding[] = LEVELS.toReversed().map((level) => ({
  id: `a-${level}`,
  level,
  what: 'seen',
  where: 'there',
  next: level === 'ok' ? '' : `mend ${level}`,
}));

describe('findings of a host', () => {
  it('the worst first, what is right as a count', () => {
    const lines = hostReportText('edge-1', findings, false).split('\n');
    assert.deepEqual(
      lines.slice(1, 5).map((line) => line.split(' ')[0]),
      LEVELS.slice(0, 4),
    );
    assert.deepEqual(lines[5], 'next: a-fault: mend fault');
    assert.equal(lines.at(-1), 'edge-1: 1 fault, 1 warning, 1 not known, 1 notice, 1 ok');
    assert.match(hostReportText('edge-1', findings, true), /^ok {7}a-ok/m);
  });

  it('nothing but right ones are one line', () => {
    const right = findings.filter(({ level }) => level === 'ok');
    assert.equal(
      hostReportText('edge-1', right, false),
      'edge-1: 0 faults, 0 warnings, 0 not known, 0 notices, 1 ok',
    );
  });

  it('a fault fails a host, a warning only the strict', () => {
    const of = (level: string) => findings.filter((finding) => finding.level === level);
    assert.equal(isSound(of('fault'), false), false);
    assert.equal(isSound(of('warning'), false), true);
    assert.equal(isSound(of('warning'), true), false);
    assert.equal(isSound([...of('unknown'), ...of('notice'), ...of('ok')], true), true);
    assert.equal(sortedFindings(findings)[0]?.level, 'fault');
  });
});
