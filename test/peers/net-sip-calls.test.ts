import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUR_DOMAIN, PARTNER_DOMAIN } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { receivedByNetSip, startNetSip } from './support/net-sip.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

test(
  'Net::SIP, which puts Via last and writes names its own way, calls a user of ours',
  needs('kamailio', 'sipp', 'perl'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'invite-bye-server');
    await startPair(scene);
    const caller = await startNetSip(stage, {
      mode: 'call',
      local: scene.partnerAgent,
      certificate: scene.partnerCertificate,
      ca: scene.publicAuthority.file,
      domain: PARTNER_DOMAIN,
      peer: OUR_DOMAIN,
      edge: scene.publicEdge,
    });
    assert.equal(await caller.finished(30_000), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(receivedByNetSip(caller), scene.publicEdge);
  }),
);
