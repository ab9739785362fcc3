import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportLog } from '@sallyport/dmz-proxy/health/report.ts';

function recorded(accepts: boolean) {
  const local: string[] = [];
  const sent: unknown[] = [];
  const suppressed: string[] = [];
  let wallMs = 0;
  const write = (event: string) => local.push(event);
  const channel = {
    sendJson: (_type: number, _flow: number, _exchange: number, value: object) => {
      if (accepts) sent.push(value);
      return accepts;
    },
  };
  const log = reportLog({
    local: { info: write, warn: write, error: write },
    channels: () => [channel, channel],
    wallMs: () => wallMs,
    suppressed: (event) => suppressed.push(event),
  });
  return { log, local, sent, suppressed, at: (ms: number) => (wallMs = ms) };
}

describe('the log of a worker', () => {
  it('goes to the host and, once, inside', () => {
    const { log, local, sent } = recorded(true);
    log.warn('request-refused', { code: 'rate\nx', status: 503, absent: undefined });
    assert.deepEqual(local, ['request-refused']);
    assert.deepEqual(sent, [
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        event: 'request-refused',
        fields: { code: 'rate x', status: 503 },
      },
    ]);
  });

  it('writes twenty lines of one event in a second and counts the rest', () => {
    const { log, local, suppressed, at } = recorded(false);
    for (let i = 0; i < 21; i++) log.info('flood');
    log.info('other');
    assert.equal(local.length, 21);
    assert.deepEqual(suppressed, ['flood']);
    at(1000);
    log.info('flood');
    assert.equal(local.length, 22);
  });
});
