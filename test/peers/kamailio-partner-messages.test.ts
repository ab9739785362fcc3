import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import {
  innerCalls,
  partnerUserCalls,
  setScene,
  startInnerServer,
  startPartnerServer,
} from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'instant messages between two Kamailios, one each way',
  needs('kamailio', 'sipp'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const ours = await startInnerServer(scene);
    const partner = await startPartnerServer(scene);
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });

    const outward = await innerCalls(scene, 'message-client', 'somebody');
    assert.equal(await outward.finished(), 0);
    const inward = await partnerUserCalls(scene, 'message-client', 'somebody');
    assert.equal(await inward.finished(), 0);

    requestOf(ours.received(), 'MESSAGE');
    requestOf(partner.received(), 'MESSAGE');
    assertNothingInside(partner.received(), scene.publicEdge);
  }),
);
