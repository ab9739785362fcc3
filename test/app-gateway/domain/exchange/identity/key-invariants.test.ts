import assert from 'node:assert/strict';
import { it } from 'node:test';
import { activateKey } from '@sallyport/app-gateway/domain/exchange/identity/activate-key.ts';
import { activatePresentation } from '@sallyport/app-gateway/domain/exchange/identity/activate-presentation.ts';
import { addRequestedKey } from '@sallyport/app-gateway/domain/exchange/identity/add-requested-key.ts';
import {
  currentKey,
  isPresentable,
} from '@sallyport/app-gateway/domain/exchange/identity/identity-keys.ts';
import type { IdentityRecord } from '@sallyport/app-gateway/domain/exchange/identity/identity-record.ts';
import { installCertificate } from '@sallyport/app-gateway/domain/exchange/identity/install-certificate.ts';
import { presentedKeyOf } from '@sallyport/app-gateway/domain/exchange/identity/presented-key.ts';
import { retireKey } from '@sallyport/app-gateway/domain/exchange/identity/retire-key.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import { recordOffer } from '@sallyport/app-gateway/domain/exchange/partner/record-offer.ts';
import { notePresented } from '@sallyport/app-gateway/domain/exchange/sighting/note-presented.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import fc from 'fast-check';
import { buildCertificate, ecKey } from '../../../../x509-builder.ts';
import {
  deepFrozen,
  identity,
  NOW_MS,
  olga,
  partner,
  program,
  sighting,
  trustSet,
} from '../exchange-fixture.ts';

interface Both {
  readonly main: IdentityRecord;
  readonly globex: PartnerRecord;
}
type Step = (both: Both, nowMs: number) => Both;

const certificates = Array.from({ length: 6 }, () => {
  const der = buildCertificate({ subject: 'CN=acme.example', key: ecKey() });
  const parsed = parseCertificate(der);
  assert.ok(parsed.ok);
  return { spki: parsed.value.spkiSha256, chainPem: encodePem(der, 'CERTIFICATE') };
});

const keyId = fc.integer({ min: 1, max: 4 }).map((number) => `k${number}`);
const force = fc.constantFrom(undefined, { reason: 'a reason' });
const offered = { expiresAtMs: NOW_MS * 2 };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(5).map(
    (at): Step =>
      (both) => {
        const request = {
          identity: 'main',
          kind: 'ec-p256',
          spki: certificates[at]?.spki ?? '',
          sealedKey: 'sealed',
        } as const;
        const outcome = addRequestedKey([both.main], request, olga, NOW_MS);
        return outcome.ok ? { ...both, main: outcome.value.record } : both;
      },
  ),
  keyId.map(
    (key): Step =>
      (both, nowMs) => {
        const spki = both.main.keys.find(({ id }) => id === key)?.spki;
        const chainPem = certificates.find((known) => known.spki === spki)?.chainPem ?? '';
        const answer = { key, chainPem, anchorsPem: '', problems: [] };
        const outcome = installCertificate(both.main, answer, olga, nowMs);
        return outcome.ok ? { ...both, main: outcome.value.record } : both;
      },
  ),
  keyId.map(
    (key): Step =>
      (both, nowMs) => {
        const offer = { ...offered, keys: [{ identity: 'main', key }] };
        const outcome = recordOffer(both.globex, [both.main], offer, olga, nowMs);
        return outcome.ok ? { ...both, globex: outcome.value.record } : both;
      },
  ),
  keyId.map(
    (key): Step =>
      (both, nowMs) => {
        const seen = sighting(`main/${key}`, 0, { direction: 'presented', lastAtMs: nowMs });
        return {
          ...both,
          globex: notePresented(both.globex, seen, program, nowMs)?.record ?? both.globex,
        };
      },
  ),
  keyId.map(
    (key): Step =>
      (both, nowMs) => {
        const outcome = activatePresentation(both.globex, both.main, key, olga, nowMs);
        return outcome.ok ? { ...both, globex: outcome.value.record } : both;
      },
  ),
  fc.tuple(keyId, force).map(
    ([key, forced]): Step =>
      ({ main, globex }, nowMs) => {
        const activation = { key, ...(forced && { force: forced }) };
        const outcome = activateKey([main], main, [globex], activation, olga, nowMs);
        if (!outcome.ok) return { main, globex };
        return { main: outcome.value.record, globex: outcome.value.partners[0] ?? globex };
      },
  ),
  fc.tuple(keyId, force).map(
    ([key, forced]): Step =>
      ({ main, globex }, nowMs) => {
        const retirement = { key, sightings: [], unusedDays: 7, ...(forced && { force: forced }) };
        const outcome = retireKey(main, [globex], retirement, olga, nowMs);
        if (!outcome.ok) return { main, globex };
        return { main: outcome.value.record, globex: outcome.value.partners[0] ?? globex };
      },
  ),
);

function checkInvariants(before: Both, after: Both): void {
  const { main, globex } = after;
  assert.ok(globex.offeredSequence >= before.globex.offeredSequence);
  assert.equal(new Set(main.keys.map(({ id }) => id)).size, main.keys.length);
  if (currentKey(before.main) !== undefined) assert.ok(currentKey(main), 'no key is left in use');
  const shown = presentedKeyOf(globex, [main])?.key;
  if (currentKey(main) !== undefined) assert.ok(shown, 'the partner is shown nothing');
  if (shown !== undefined) assert.ok(isPresentable(shown) && shown.sealedKey !== '');
  const actives = globex.presentations.filter(({ state }) => state === 'active');
  assert.ok(actives.length <= 1, 'two keys are active towards one partner');
  for (const { id, state, sealedKey } of main.keys) {
    if (state !== 'retired') continue;
    assert.equal(sealedKey, '', 'a private key outlived its use');
    const told = globex.presentations.find(({ key }) => key === id);
    assert.ok(told === undefined || told.state === 'retired');
  }
}

it('whatever order the steps of our keys come in, a usable key is shown', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 120, size: 'max' }), (steps) => {
      let both: Both = {
        main: identity('main', []),
        globex: partner([trustSet('t1', 'active')]),
      };
      let nowMs = NOW_MS;
      for (const take of steps) {
        nowMs += 1000;
        const after = take(deepFrozen(both), nowMs);
        checkInvariants(both, after);
        for (const { state } of after.main.keys) reached.add(`key ${state}`);
        for (const { state } of after.globex.presentations) reached.add(`presentation ${state}`);
        both = after;
      }
    }),
    { numRuns: 300, seed: 20_260_601 },
  );
  assert.equal(reached.size, 8);
});
