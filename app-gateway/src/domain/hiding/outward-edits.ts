import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { OwnName } from '../../ports/signalling.ts';
import { editCallIds } from './call-id-fields.ts';
import { maskCallId } from './call-id-masking.ts';
import { type HidingContext, hideContact, hideReference } from './contact-hiding.ts';
import { NEVER_LEAVES, NEVER_LEAVES_BY_NAME, unlistedName } from './hidden-headers.ts';

/** Takes off whatever would tell a partner of our inside; the same for requests and responses. */
export function editOutward(
  edit: MessageEdit,
  index: MessageIndex,
  context: HidingContext,
  ownName: OwnName,
): void {
  for (const id of NEVER_LEAVES) if (index.count(id) > 0) edit.removeAll(id);
  const { partner, tokens } = context;
  editCallIds(edit, index, (callId) => maskCallId(callId, partner, tokens));
  for (let line = 0; line < index.headerCount; line++) {
    switch (index.ids[line] ?? Header.other) {
      case Header.contact:
        replace(edit, line, 'Contact', hideContact(index.value(line), context, ownName));
        break;
      case Header.referTo:
        replace(edit, line, 'Refer-To', hideReference(index.value(line), context, ownName));
        break;
      case Header.referredBy:
        replace(edit, line, 'Referred-By', hideReference(index.value(line), context, ownName));
        break;
      case Header.other:
        editUnlisted(edit, index, line, context, ownName);
        break;
      default:
        break;
    }
  }
}

function editUnlisted(
  edit: MessageEdit,
  index: MessageIndex,
  line: number,
  context: HidingContext,
  ownName: OwnName,
): void {
  const name = unlistedName(index, line);
  if (name === undefined) return;
  if (NEVER_LEAVES_BY_NAME.has(name)) edit.removeLine(line);
  else if (name === 'reply-to') {
    replace(edit, line, 'Reply-To', hideReference(index.value(line), context, ownName));
  }
}

function replace(edit: MessageEdit, line: number, name: string, value: string | undefined): void {
  if (value === undefined) edit.removeLine(line);
  else edit.replaceLine(line, `${name}: ${value}\r\n`);
}
