import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldsLeft } from '@sallyport/app-gateway/adapters/syslog/fields-left.ts';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';

const fields = (values: EntryView['fields']): FieldsLeft =>
  new FieldsLeft({ fields: values } as EntryView);

describe('fields left', () => {
  it('are those that nobody took', () => {
    const left = fields({ a: 'x', b: 2, c: ['y', 'z'] });
    assert.equal(left.text('a'), 'x');
    assert.equal(left.text('a'), undefined);
    assert.deepEqual(left.rest(), { b: 2, c: ['y', 'z'] });
  });

  it('are taken as numbers only where they are numbers', () => {
    const left = fields({ big: '18446744073709551615', small: 7 });
    assert.equal(left.number('big'), undefined);
    assert.equal(left.number('small'), 7);
    assert.deepEqual(left.rest(), { big: '18446744073709551615' });
  });

  it('take a name from elsewhere, or none', () => {
    const left = fields({ source: '192.0.2.1' });
    assert.deepEqual(left.named('source', 'ip'), { ip: '192.0.2.1' });
    assert.deepEqual(left.named('source', 'ip'), {});
  });

  it('show octets that are no text, in lists too', () => {
    const left = fields({ a: { hex: '61ff' }, b: ['ok', '\ud800'] });
    assert.deepEqual(left.rest(), { a: 'a\\xff', b: ['ok', '\\u{d800}'] });
  });
});
