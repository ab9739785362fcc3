import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClientTry } from '@sallyport/app-gateway/domain/core/proxied-request.ts';
import { leaveLink, waitingOn, waitOn } from '@sallyport/app-gateway/domain/core/waiting-tries.ts';
import { processorMs } from '../../../processor-ms.ts';
import { CoreStage, FakeLink, fromPartner } from './core-stage.ts';

/** Far more than it takes; looking at all that wait for each of them takes seconds. */
const ENOUGH_MS = 500;

function clientTry(number: number): ClientTry {
  return { number, link: undefined, before: undefined, after: undefined } as unknown as ClientTry;
}

describe('the tries that wait on a link', () => {
  it('are those that came and have not left, in order, whoever leaves', () => {
    for (const leaving of [[1], [2], [3], [1, 2], [2, 3], [1, 3], [3, 1, 2], []]) {
      const link = new FakeLink('', 'globex', '');
      const tries = [1, 2, 3].map(clientTry);
      for (const client of tries) waitOn(client, link);
      for (const number of leaving) leaveLink(tries[number - 1] as ClientTry);
      const left = [1, 2, 3].filter((number) => !leaving.includes(number));
      assert.deepEqual(waitingOn(link), left);
      const next = clientTry(4);
      waitOn(next, link);
      assert.deepEqual(waitingOn(link), [...left, 4]);
    }
  });

  it('wait on one link at a time', () => {
    const [asked, found] = [new FakeLink('', 'globex', ''), new FakeLink('', 'globex', '')];
    const client = clientTry(1);
    waitOn(client, asked);
    waitOn(client, found);
    assert.deepEqual([waitingOn(asked), waitingOn(found)], [[], [1]]);
    leaveLink(client);
    leaveLink(client);
    assert.deepEqual(waitingOn(found), []);
    assert.equal(client.link, found);
  });

  it('are no more to look at because others wait elsewhere', () => {
    const stage = new CoreStage(undefined, undefined, undefined, 8000, 16_777_216);
    for (let number = 1; number <= 5000; number++) {
      const text = fromPartner('MESSAGE')
        .replace('z9hG4bK', `z9hG4bK${number}`)
        .replace('Call-ID: ', `Call-ID: ${number}`);
      stage.request(stage.globex, text);
    }
    assert.equal(stage.core.size, 5000);
    const ms = processorMs(() => {
      for (let flow = 0; flow < 50_000; flow++) {
        stage.core.linkLost(new FakeLink('', 'globex', `edge-1/0/${flow}`));
      }
    }, ENOUGH_MS);
    assert.ok(ms < ENOUGH_MS, `${ms} ms`);
  });
});
