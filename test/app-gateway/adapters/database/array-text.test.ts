import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { arrayText } from '@sallyport/app-gateway/adapters/database/array-text.ts';

describe('an array as PostgreSQL reads it', () => {
  const rows: readonly (readonly [readonly (string | number | null)[], string])[] = [
    [[], '{}'],
    [[1, null, -2], '{1,NULL,-2}'],
    [['a', null, ''], '{"a",NULL,""}'],
    [['NULL', '{a,b}'], '{"NULL","{a,b}"}'],
    [['"', '\\', '\\"', "'"], '{"\\"","\\\\","\\\\\\"","\'"}'],
  ];
  for (const [values, text] of rows) {
    it(JSON.stringify(values), () => assert.equal(arrayText(values), text));
  }
});
