import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARTNER_DOMAIN } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { testCertificate } from './support/certificates.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

test(
  'a partner dials with a certificate for servers only, as public authorities issue them now',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'answer-server');
    await startPair(scene);
    const partnerCertificate = await testCertificate(
      stage.subfolder('server-auth-only'),
      scene.partnerAuthority,
      PARTNER_DOMAIN,
      [],
      ['serverAuth'],
    );
    const caller = await partnerCalls({ ...scene, partnerCertificate }, 'message-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
  }),
);
