import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordsOfCall } from '@sallyport/app-gateway/commands/audit/audit-call-ids.ts';
import { maskCallId, otherCallIds } from '@sallyport/app-gateway/domain/hiding/call-id-masking.ts';
import type { LedgerQuery } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { AuditedSite } from '../../ledger/audited-site.ts';
import { TOKENS } from './audit-bench.ts';

const INNER = '77@chat.acme.internal';
const MASKED = maskCallId(INNER, 'globex', TOKENS) ?? '';
const OWN = '9@phone.globex.example';
const LONG = `${'l'.repeat(300)}@phone.globex.example`;

describe('a call, under whichever Call-ID it is asked for', () => {
  const site = new AuditedSite();
  const gateway = site.source('gateway-1', 0, 1n);
  const proxy = site.source('edge-1', 0, 2n);
  const refused = { rule: 'dialog-unknown', verdict: 'refused' };
  proxy.write('message-sent', { partner: 'globex', callId: MASKED });
  proxy.write('message-admitted', { partner: 'globex', callId: OWN });
  gateway.write('policy-decision', { ...refused, callId: INNER });
  proxy.write('response-received', { partner: 'globex', callId: MASKED });
  proxy.write('message-admitted', { partner: 'globex', callId: LONG });
  let asked = 0;
  const ledger = {
    reader: {
      search: (query: LedgerQuery) => {
        asked++;
        return site.ledger.search(query);
      },
    },
    otherCallIds: (callId: string, partners: readonly string[]) =>
      otherCallIds(callId, partners, TOKENS),
  };
  const types = async (callId: string, partners: readonly string[], limit = 10) => {
    const query = { order: 'newest-first', limit } as const;
    const found = await recordsOfCall(ledger, callId, partners, query);
    assert.ok(found.ok);
    return found.value.map(({ record }) => record[3]);
  };
  const PARTNERS = ['initech', 'globex'];

  for (const [what, callId, partners, expected] of [
    ['that of the inner server', INNER, PARTNERS, [24, 30, 23]],
    ['that which the partner saw', MASKED, PARTNERS, [24, 30, 23]],
    ['that of the inner server, towards others', INNER, ['initech'], [30]],
    ['one that a partner made', OWN, PARTNERS, [20]],
    ['one that is longer than a record keeps', LONG, PARTNERS, [20]],
    ['one of nobody', 'nobody', PARTNERS, []],
  ] as const) {
    it(what, async () => assert.deepEqual(await types(callId, partners), expected));
  }

  it('in order and no more than wanted', async () => {
    assert.deepEqual(await types(INNER, PARTNERS, 2), [24, 30]);
  });

  for (const [what, callId, questions] of [
    ['where a partner made it', OWN, 1],
    ['where it may have been shown to any of them', INNER, 3],
  ] as const) {
    it(`with no question for each partner ${what}`, async () => {
      asked = 0;
      await types(
        callId,
        Array.from({ length: 100 }, (_, at) => `partner-${at}`),
      );
      assert.equal(asked, questions);
    });
  }
});
