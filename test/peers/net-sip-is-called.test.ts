import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUR_DOMAIN, PARTNER_DOMAIN } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { receivedByNetSip, startNetSip } from './support/net-sip.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'Net::SIP is called by a user of ours, and the BYE finds it though its Contact names no transport',
  needs('kamailio', 'sipp', 'perl'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await startNetSip(stage, {
      mode: 'answer',
      local: scene.partnerServer,
      certificate: scene.partnerCertificate,
      ca: scene.publicAuthority.file,
      domain: PARTNER_DOMAIN,
      peer: OUR_DOMAIN,
      edge: scene.publicEdge,
    });
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await innerCalls(scene, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(30_000), 0);
    assertNothingInside(receivedByNetSip(answerer), scene.publicEdge);
    const invite = requestOf(receivedByNetSip(answerer), 'INVITE');
    assertRecordRouteIsOurs(invite, scene.publicEdge);
  }),
);
