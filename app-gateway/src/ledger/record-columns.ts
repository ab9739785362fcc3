import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import {
  numberIn,
  RECORD_HEADER_BYTES,
  valueEndAt,
  valueStartAt,
} from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { textOfBytes } from '@sallyport/shared/audit/wire-text.ts';
import { formatAddressBytes } from '@sallyport/shared/net/address.ts';

/** What the ledger's table can be searched by; found in a record, which remains the truth. */
export interface RecordColumns {
  readonly type: number;
  readonly timeMs: number;
  requestSeq?: number;
  status?: number;
  partner?: string;
  callId?: string;
  fromUser?: string;
  toUser?: string;
  address?: string;
  /** The verdict of a decision, or the code of a refusal or an end. */
  verdict?: string;
}

/** Reads the columns out of a record that has been decoded before. */
export function columnsOf(record: Buffer): RecordColumns {
  const found: Found = {
    columns: { type: record[3] as number, timeMs: record.readUIntBE(4, 6) },
  };
  let at = RECORD_HEADER_BYTES;
  while (at < record.length) {
    const end = valueEndAt(record, at);
    takeField(found, record[at] as number, record, valueStartAt(record, at), end);
    at = end;
  }
  return completed(found);
}

/** What has been read of a record, and what only tells something where another field is missing. */
interface Found {
  readonly columns: RecordColumns;
  code?: string;
  requestUri?: string;
  subject?: string;
}

function takeField(found: Found, field: number, record: Buffer, start: number, end: number): void {
  const { columns } = found;
  switch (field) {
    case FIELD.requestSeq:
      columns.requestSeq = numberIn(record, start, end);
      return;
    case FIELD.status:
      // What a peer says may be any number; a column has its limits.
      columns.status = Math.min(numberIn(record, start, end), STATUS_MAX);
      return;
    case FIELD.partner:
      columns.partner = columnText(textOfBytes(record, start, end));
      return;
    case FIELD.subject:
      found.subject = textOfBytes(record, start, end);
      return;
    case FIELD.callId:
      columns.callId = columnText(textOfBytes(record, start, end));
      return;
    case FIELD.requestUri:
      found.requestUri = textOfBytes(record, start, end);
      return;
    case FIELD.from:
      columns.fromUser = columnUser(textOfBytes(record, start, end));
      return;
    case FIELD.to:
      columns.toUser = columnUser(textOfBytes(record, start, end));
      return;
    case FIELD.source:
      columns.address = formatAddressBytes(record, start, end);
      return;
    case FIELD.code:
      found.code = columnText(textOfBytes(record, start, end));
      return;
    case FIELD.verdict:
      columns.verdict = columnText(textOfBytes(record, start, end));
      return;
    default:
      return;
  }
}

function completed({ columns, code, requestUri, subject }: Found): RecordColumns {
  if (columns.verdict === undefined && code !== undefined) columns.verdict = code;
  // Who changed a partner belongs to what is on record of that partner.
  if (columns.type === PARTNER_CHANGED && subject?.startsWith(PARTNER_SUBJECT) === true) {
    columns.partner = columnText(subject.slice(PARTNER_SUBJECT.length));
  }
  // To is left out where it is the Request-URI.
  if (columns.type === ADMITTED && columns.toUser === undefined && requestUri !== undefined) {
    columns.toUser = columnUser(requestUri);
  }
  return columns;
}

const ADMITTED = AUDIT_TYPE['message-admitted'];
const PARTNER_CHANGED = AUDIT_TYPE['partner-changed'];
/** What the subject of a change of a partner begins with. */
const PARTNER_SUBJECT = 'partner/';
const STATUS_MAX = 32_767;

/** Text as a column holds it, and as it is asked for: a database takes neither NUL nor half characters. */
export function columnText(text: string): string {
  return (text.isWellFormed() ? text : text.toWellFormed()).replaceAll('\0', '\ufffd');
}

/**
 * A user as a column holds it and as one is asked for: `ann@example.com`, however it was written: without
 * scheme, port and parameters, the domain in small letters.
 */
export function columnUser(text: string): string {
  const uri =
    /^\s*(?:(?:"(?:[^"\\]|\\.)*"|[^<"]*)\s*<)?(?:[a-z][a-z0-9+.-]*:)?([^;?>]*)/i.exec(text)?.[1] ??
    text;
  const at = uri.lastIndexOf('@');
  const host = uri
    .slice(at + 1)
    .trim()
    .toLowerCase()
    .replace(/:\d{1,5}$/, '');
  return columnText(`${uri.slice(0, at + 1)}${host}`);
}
