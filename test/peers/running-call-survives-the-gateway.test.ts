import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { methodOf } from './support/trace.ts';
import { until } from './support/wait.ts';

test(
  'the gateway is killed in the middle of a call; the one that takes its place can end it',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'invite-bye-server');
    const pair = await startPair(scene);
    const caller = await partnerCalls(scene, 'long-call-client', 'agent');
    await until('the call to stand', 5000, () =>
      answerer.received().some((message) => methodOf(message) === 'ACK'),
    );
    await pair.gateway.kill();
    await pair.restartGateway();
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(caller.received(), scene.publicEdge);
  }),
);
