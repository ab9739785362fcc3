import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { phraseOfClass } from '@sallyport/shared/sip/reason-phrase.ts';
import { isRetryAfter } from '@sallyport/shared/sip/retry-after.ts';
import type { OwnName } from '../signalling.ts';
import type { SiteView } from '../site-view.ts';
import { editCallIds } from './call-id-fields.ts';
import { maskNamedCallId } from './call-id-masking.ts';
import { type HidingContext, hideContact, hideReference } from './contact-hiding.ts';
import {
  CALL_ID_FIELDS,
  lowerCaseName,
  NEVER_LEAVES,
  NEVER_TOUCHED,
  neverLeaves,
  REFERENCES,
  unlistedName,
} from './hidden-headers.ts';
import { hasNameByte, tellsInside } from './inner-names.ts';
import { showsOurs } from './own-realms.ts';

/**
 * Takes off whatever would tell a partner of our inside; the same for requests and responses.
 *
 * A field that we do not know passes, unless it names an inner server. Bodies pass as they are. Of a message 256 Call-IDs and 256
 * addresses are hidden, and what it names beyond them is left out.
 */
export function editOutward(
  edit: MessageEdit,
  index: MessageIndex,
  context: HidingContext,
  ownName: OwnName,
): void {
  for (const id of NEVER_LEAVES) if (index.count(id) > 0) edit.removeAll(id);
  editReasonPhrase(edit, index, context);
  const { partner, tokens } = context;
  tokens.beginNamed();
  editCallIds(edit, index, (callId, behind) => maskNamedCallId(callId, behind, partner, context));
  tokens.beginNamed();
  for (let line = 0; line < index.headerCount; line++) {
    switch (index.ids[line] ?? Header.other) {
      case Header.contact:
        replace(edit, line, 'Contact', hiddenContact(index, line, context, ownName));
        break;
      case Header.referTo:
        replace(edit, line, 'Refer-To', hideReference(index.value(line), context, ownName));
        break;
      case Header.referredBy:
        replace(edit, line, 'Referred-By', hideReference(index.value(line), context, ownName));
        break;
      case Header.retryAfter:
        editRetryAfter(edit, line, index.value(line), context);
        break;
      case Header.other:
        editUnlisted(edit, index, line, context, ownName);
        break;
      default:
        break;
    }
  }
}

/** Where a call is redirected to, a partner's user is as good an answer as in a reference (RFC 3261 §8.1.3.4). */
function hiddenContact(
  index: MessageIndex,
  line: number,
  context: HidingContext,
  ownName: OwnName,
): string | undefined {
  const isRedirection = index.status >= 300 && index.status < 400 && !index.isRequest;
  const hide = isRedirection ? hideReference : hideContact;
  return hide(index.value(line), context, ownName);
}

function editRetryAfter(
  edit: MessageEdit,
  line: number,
  value: string,
  { site }: HidingContext,
): void {
  if (!isRetryAfter(value)) edit.removeLine(line);
  else if (tellsInside(value, site)) replace(edit, line, 'Retry-After', /^\d+/.exec(value)?.[0]);
}

function editUnlisted(
  edit: MessageEdit,
  index: MessageIndex,
  line: number,
  context: HidingContext,
  ownName: OwnName,
): void {
  const name = unlistedName(index, line);
  const reference = name === undefined ? undefined : REFERENCES.get(name);
  if (name !== undefined && isKeptInside(name, index, line, context.site)) edit.removeLine(line);
  else if (reference !== undefined) {
    replace(edit, line, reference, hideReference(index.value(line), context, ownName));
  } else if (
    hasNameByte(index, index.valueStart[line] as number, index.valueEnd[line] as number) &&
    tellsInside(index.value(line), context.site) &&
    !NEVER_TOUCHED.has(lowerCaseName(index, line)) &&
    !CALL_ID_FIELDS.has(name ?? '')
  ) {
    edit.removeLine(line);
  }
}

/** What no partner is shown, by its name or by whose passwords it is about. */
function isKeptInside(name: string, index: MessageIndex, line: number, site: SiteView): boolean {
  return neverLeaves(name) || showsOurs(name, index, line, site);
}

/** Where the reason phrase begins: behind `SIP/2.0 200 `. */
const REASON_AT = 12;

/** What an inner server says in its own words may name it. */
function editReasonPhrase(edit: MessageEdit, index: MessageIndex, { site }: HidingContext): void {
  const { start, startLineEnd, status, isRequest } = index;
  if (isRequest || !hasNameByte(index, start + REASON_AT, startLineEnd)) return;
  if (!tellsInside(index.textAt(start, startLineEnd), site)) return;
  edit.startLine(`SIP/2.0 ${status} ${phraseOfClass(status)}\r\n`);
}

function replace(edit: MessageEdit, line: number, name: string, value: string | undefined): void {
  if (value === undefined) edit.removeLine(line);
  else edit.replaceLine(line, `${name}: ${value}\r\n`);
}
