import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { startPair } from './support/pair.ts';
import {
  innerAnswers,
  innerCalls,
  partnerAnswers,
  partnerCalls,
  setScene,
  startInnerServer,
} from './support/scene.ts';
import { staged } from './support/stage.ts';

test(
  'a partner whose software ends at TLS 1.2 is served in both directions',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = { ...(await setScene(stage)), partnerTls: 'TLSv1.2' as const };
    await startInnerServer(scene);
    const inside = await innerAnswers(scene, 'answer-server');
    const outside = await partnerAnswers(scene, 'answer-server');
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });

    const inward = await partnerCalls(scene, 'message-client', 'agent');
    assert.equal(await inward.finished(), 0);
    assert.equal(await inside.finished(), 0);
    const outward = await innerCalls(scene, 'message-client', 'agent');
    assert.equal(await outward.finished(), 0);
    assert.equal(await outside.finished(), 0);
  }),
);
