import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  awaitFirstBytes,
  type FirstBytes,
} from '@sallyport/dmz-proxy/connections/await-first-bytes.ts';
import { rawPair } from '../raw-pair.ts';

async function awaited(timeoutMs = 5000) {
  const { client, accepted } = await rawPair();
  const ends: FirstBytes[] = [];
  const ended = new Promise<FirstBytes>((resolve) => {
    awaitFirstBytes(accepted, timeoutMs, (end) => {
      ends.push(end);
      resolve(end);
    });
  });
  return { client, accepted, ended, ends };
}

describe('the first bytes of a connection', () => {
  it('are put back for whoever reads next', async () => {
    const { client, accepted, ended } = await awaited();
    client.write('hello');
    assert.equal(await ended, 'bytes');
    accepted.setEncoding('latin1');
    let text = '';
    for await (const chunk of accepted) {
      text += String(chunk);
      if (text === 'hello, all') break;
      client.write(', all');
    }
    assert.equal(text, 'hello, all');
    client.destroy();
  });

  it('never come from a peer that closes', async () => {
    const { client, ended } = await awaited();
    client.end();
    assert.equal(await ended, 'closed');
  });

  it('never come from a peer that resets', async () => {
    const { client, ended } = await awaited();
    client.resetAndDestroy();
    assert.equal(await ended, 'closed');
  });

  it('may be waited for too long, and the end is told once', async () => {
    const { client, accepted, ended, ends } = await awaited(20);
    assert.equal(await ended, 'timeout');
    client.destroy();
    accepted.destroy();
    assert.deepEqual(ends, ['timeout']);
  });
});
