import { Header } from '@sallyport/shared/sip/header-name.ts';
import { HeaderParameter } from '@sallyport/shared/sip/header-parameter.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { CALL_ID_FIELDS, unlistedName } from './hidden-headers.ts';
import { type TranslateCallId, translateLeadingCallId } from './uri-headers.ts';

/**
 * Puts the Call-IDs of other dialogs that a request names through `translate`, so that each side reads the ones it knows
 * (Replaces, Join, Target-Dialog, In-Reply-To; `call-id` of an Event, RFC 4235 §3.2). What has no translation is left out.
 */
export function editCallIds(
  edit: MessageEdit,
  index: MessageIndex,
  translate: TranslateCallId,
): void {
  for (let line = 0; line < index.headerCount; line++) {
    const id = index.ids[line];
    if (id === Header.inReplyTo) {
      // No list of quoted strings: a Call-ID may hold quotes and brackets, and no comma (RFC 3261 §25.1 `callid`).
      const callIds = index
        .value(line)
        .split(',')
        .flatMap((callId) => translate(callId.trim(), '') ?? []);
      if (callIds.length === 0) edit.removeLine(line);
      else edit.replaceLine(line, `In-Reply-To: ${callIds.join(', ')}\r\n`);
      continue;
    }
    if (id === Header.event) {
      editEvent(edit, line, index.value(line), translate);
      continue;
    }
    const name = id === Header.replaces ? 'replaces' : unlistedName(index, line);
    if (name === undefined || !CALL_ID_FIELDS.has(name)) continue;
    const value = translateLeadingCallId(index.value(line), translate);
    if (value === undefined) edit.removeLine(line);
    else edit.replaceLine(line, `${WRITTEN[name]}: ${value}\r\n`);
  }
}

function editEvent(
  edit: MessageEdit,
  line: number,
  value: string,
  translate: TranslateCallId,
): void {
  if (!/;[ \t]*call-id/i.test(value)) return;
  const bytes = Buffer.from(value, 'latin1');
  let text = '';
  let copied = 0;
  for (let at = value.indexOf(';'); at >= 0 && at < bytes.length; ) {
    const next = parameter.scan(bytes, at, bytes.length);
    const { nameStart, nameEnd, valueStart, valueEnd } = parameter;
    if (valueStart >= 0 && value.slice(nameStart, nameEnd).toLowerCase() === 'call-id') {
      const named = unquoted(value.slice(valueStart, valueEnd));
      const callId = translate(named, '');
      if (callId !== named) {
        const shown = callId === undefined ? '' : `;call-id="${escaped(callId)}"`;
        text += value.slice(copied, at) + shown;
        copied = valueEnd;
      }
    }
    at = next;
  }
  if (copied > 0) edit.replaceLine(line, `Event: ${text}${value.slice(copied)}\r\n`);
}

/** The Call-ID in a token or a quoted string, where what would end the string is escaped (RFC 4235 §3.2). */
function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : text;
}

function escaped(callId: string): string {
  return callId.replace(/["\\]/g, '\\$&');
}

const parameter = new HeaderParameter();

const WRITTEN: Readonly<Record<string, string>> = {
  replaces: 'Replaces',
  join: 'Join',
  'target-dialog': 'Target-Dialog',
};
