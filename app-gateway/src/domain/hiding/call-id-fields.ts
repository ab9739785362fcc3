import { Header } from '@sallyport/shared/sip/header-name.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { CALL_ID_FIELDS, unlistedName } from './hidden-headers.ts';
import { translateLeadingCallId } from './uri-headers.ts';

/**
 * Puts the Call-IDs of other dialogs that a request names through `translate`, so that each side reads the ones it knows
 * (Replaces, Join, Target-Dialog, In-Reply-To). What has no translation is left out.
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
    const name = id === Header.replaces ? 'replaces' : unlistedName(index, line);
    if (name === undefined || !CALL_ID_FIELDS.has(name)) continue;
    const value = translateLeadingCallId(index.value(line), translate);
    if (value === undefined) edit.removeLine(line);
    else edit.replaceLine(line, `${WRITTEN[name]}: ${value}\r\n`);
  }
}

const WRITTEN: Readonly<Record<string, string>> = {
  replaces: 'Replaces',
  join: 'Join',
  'target-dialog': 'Target-Dialog',
};
