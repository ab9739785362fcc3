import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import {
  AUDIT_TYPE,
  AUDIT_TYPES,
  type AuditTypeName,
  FIELD_MAY,
  FIELD_MUST,
  FIELD_USE,
  fieldsOf,
  typeById,
} from '@sallyport/shared/audit/record-types.ts';

/** The format of the ledger: a row here never changes. */
const numbers: readonly (readonly [AuditTypeName, number])[] = [
  ['stream-opened', 1],
  ['seal', 2],
  ['gap', 3],
  ['clock-stepped', 4],
  ['connection-opened', 10],
  ['connection-refused', 11],
  ['connection-closed', 12],
  ['message-admitted', 20],
  ['message-answered', 21],
  ['message-refused', 22],
  ['message-sent', 23],
  ['response-received', 24],
  ['policy-decision', 30],
  ['partner-changed', 40],
  ['identity-changed', 41],
  ['configuration-changed', 42],
  ['operator-changed', 43],
  ['node-changed', 44],
  ['body-recorded', 50],
  ['body-revealed', 51],
  ['body-compared', 52],
  ['channel-opened', 60],
  ['channel-closed', 61],
  ['ledger-opened', 70],
  ['day-dropped', 71],
  ['hold-set', 72],
  ['hold-lifted', 73],
  ['day-key-erased', 74],
  ['day-begun', 75],
  ['day-kept', 76],
];

describe('types of audit records', () => {
  it('are these, with these numbers', () => {
    assert.deepEqual(
      AUDIT_TYPES.map(({ name, id }) => [name, id]),
      numbers,
    );
    for (const [name, id] of numbers) assert.equal(AUDIT_TYPE[name], id);
    assert.equal(typeById(2)?.name, 'seal');
    assert.equal(typeById(0), undefined);
    assert.equal(typeById(255), undefined);
  });

  it('say which fields may stand in a record, and which must', () => {
    const use = (type: AuditTypeName, field: keyof typeof FIELD) =>
      FIELD_USE[(AUDIT_TYPE[type] << 8) | FIELD[field]];
    assert.equal(use('seal', 'signature'), FIELD_MAY | FIELD_MUST);
    assert.equal(use('seal', 'previousSeal'), FIELD_MAY);
    assert.equal(use('seal', 'callId'), 0);
    assert.equal(use('message-admitted', 'cut'), FIELD_MAY);
  });

  it('list their fields in the order they are written', () => {
    assert.deepEqual(fieldsOf('message-answered'), [
      'connection',
      'exchange',
      'requestSeq',
      'status',
      'toTag',
      'size',
      'bodyHash',
      'answeredBy',
      'code',
      'cut',
    ]);
  });
});
