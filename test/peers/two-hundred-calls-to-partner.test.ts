import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

const CALLS = 200;

test(
  'two hundred calls of ours to a partner, many at once, all end as they should',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const { partnerServer } = scene;
    const answerer = await partnerAnswers(
      scene,
      'invite-bye-server',
      partnerServer,
      'partner',
      CALLS,
    );
    await startPair(scene, { partnerEndpoints: [partnerServer] });
    const caller = await innerCalls(scene, 'invite-bye-client', 'agent', CALLS);
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), scene.publicEdge);
  }),
);
