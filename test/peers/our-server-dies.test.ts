import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INNER_SECOND_SERVER } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { freePort } from './support/free-port.ts';
import { startPair } from './support/pair.ts';
import { partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { methodOf } from './support/trace.ts';

const MESSAGES = 20;

test(
  'one of our two servers dies: every message of a partner that comes then is taken by the other',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const second = { host: INNER_SECOND_SERVER, port: await freePort(INNER_SECOND_SERVER) };
    const heir = await startInnerServer(
      { ...scene, innerServer: second, innerServerTcpPort: await freePort(INNER_SECOND_SERVER) },
      'inner-heir',
    );
    const dying = await startInnerServer(scene);
    await startPair(scene, { secondInnerServer: second });
    await dying.kill();
    const caller = await partnerCalls(scene, 'message-client', 'somebody', MESSAGES);
    assert.equal(await caller.finished(), 0);
    const arrived = heir.received().filter((message) => methodOf(message) === 'MESSAGE');
    assert.equal(arrived.length, MESSAGES);
  }),
);
