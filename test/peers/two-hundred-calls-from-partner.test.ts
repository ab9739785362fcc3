import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

const CALLS = 200;

test(
  'two hundred calls over one partner connection, many at once, all end as they should',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'invite-bye-server', CALLS);
    await startPair(scene);
    const caller = await partnerCalls(scene, 'invite-bye-client', 'agent', CALLS);
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(caller.received(), scene.publicEdge);
  }),
);
