import { Header } from '@sallyport/shared/sip/header-name.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { CALL_ID_FIELDS, unlistedName } from './hidden-headers.ts';
import { translateLeadingCallId } from './uri-headers.ts';

/**
 * Puts the Call-IDs of other dialogs that a request names through `translate`, so that each side reads the ones it knows
 * (Replaces, Join, Target-Dialog, In-Reply-To; `call-id` of an Event, RFC 4235 §3.3). What has no translation is left out.
 */
export function editCallIds(
  edit: MessageEdit,
  index: MessageIndex,
  translate: (callId: string) => string | undefined,
): void {
  for (let line = 0; line < index.headerCount; line++) {
    const id = index.ids[line];
    if (id === Header.inReplyTo) {
      const callIds = splitList(index.value(line)).flatMap((callId) => translate(callId) ?? []);
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
  translate: (callId: string) => string | undefined,
): void {
  const named = /;[ \t]*call-id[ \t]*=[ \t]*("?)([^";]*)\1/i.exec(value);
  if (named === null) return;
  const callId = translate(named[2] ?? '');
  if (callId === named[2]) return;
  const parameter = callId === undefined ? '' : `;call-id="${callId}"`;
  edit.replaceLine(line, `Event: ${value.replace(named[0], () => parameter)}\r\n`);
}

const WRITTEN: Readonly<Record<string, string>> = {
  replaces: 'Replaces',
  join: 'Join',
  'target-dialog': 'Target-Dialog',
};
