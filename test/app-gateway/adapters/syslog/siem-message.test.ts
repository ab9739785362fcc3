import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  MESSAGE_BYTES_MAX,
  type SiemFormat,
  siemMessage,
} from '@sallyport/app-gateway/adapters/syslog/siem-message.ts';
import { entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { AUDIT_FIELDS, type FieldName } from '@sallyport/shared/audit/record-fields.ts';
import { type AuditTypeName, fieldsOf } from '@sallyport/shared/audit/record-types.ts';
import { entryOf, HOSTILE, refusedMessage } from './siem-records.ts';

const FORMATS: readonly SiemFormat[] = ['cef', 'ocsf'];
const message = (entry: ReturnType<typeof entryOf>, format: SiemFormat): string =>
  siemMessage(entryView(entry), format, '0.4.0').toString();

/** Records with nothing but text in them, each as long as it may be. */
function fullRecords(filler: string): readonly LedgerEntry[] {
  const full = (names: readonly FieldName[]) =>
    Object.fromEntries(
      AUDIT_FIELDS.filter(({ name }) => names.includes(name)).map(({ name, bytesMax }) => [
        name,
        filler.repeat(bytesMax),
      ]),
    );
  const texts = (type: AuditTypeName) =>
    AUDIT_FIELDS.filter(({ name, kind }) => kind === 'text' && fieldsOf(type).includes(name)).map(
      ({ name }) => name,
    );
  const names = Array.from({ length: 60 }, () => 'n'.repeat(30));
  return [
    entryOf(1, 'message-refused', full(texts('message-refused'))),
    entryOf(1, 'partner-changed', full(['author', 'command', 'subject', 'before', 'after'])),
    entryOf(1, 'connection-opened', { connection: 1, names, ...full(['cipher', 'serverName']) }),
  ];
}

describe('a record as a syslog message', () => {
  it('says in the structured data which record it is', () => {
    assert.match(
      message(refusedMessage(41, 'alice'), 'cef'),
      /^<108>1 2026-11-21T08:26:54\.123Z edge-1 sallyport 2 message-refused \[sallyport@32473 index="41" node="edge-1" worker="2" epoch="1122334455667788" seq="41"\] CEF:0\|/,
    );
  });

  for (const format of FORMATS) {
    for (const [what, value] of HOSTILE) {
      it(`is one line in ${format}: ${what}`, () => {
        const line = message(refusedMessage(1, value), format);
        assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        assert.doesNotMatch(line.replace(' \ufeffCEF', ' CEF'), /\p{Cf}/u);
        assert.equal(line.match(/index="1"/g)?.length, 1);
      });
    }
    it(`has the byte order mark in ${format} exactly where text is more than ASCII`, () => {
      assert.equal(message(refusedMessage(1, 'x'), format).includes('\ufeff'), false);
      assert.equal(message(refusedMessage(1, 'ü'), format).includes('\ufeff'), format === 'cef');
    });

    for (const [what, filler] of [
      ['ASCII', 'x'],
      ['what every format escapes', '\\'],
      ['characters of four octets', '🎉'],
      ['controls', '\u0001'],
      ['octets that are no text', '\udcff'],
    ] as const) {
      it(`is never too long in ${format}: every field full of ${what}`, () => {
        for (const entry of fullRecords(filler)) {
          const line = message(entry, format);
          assert.ok(Buffer.byteLength(line) <= MESSAGE_BYTES_MAX, `${Buffer.byteLength(line)}`);
          assert.match(line, /index="1"/);
        }
      });
    }

    it(`says in ${format} when it had to be shortened, and only then`, () => {
      const long = entryOf(1, 'partner-changed', {
        author: 'a',
        command: 'c',
        subject: 's',
        before: '\u0001'.repeat(2048),
        after: '\u0001'.repeat(2048),
      });
      assert.match(message(long, format), / seq="1" shortened="true"\]/);
      assert.doesNotMatch(message(refusedMessage(1, 'x'), format), /shortened/);
    });
  }
});
