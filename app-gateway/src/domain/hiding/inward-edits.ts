import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { formatNameAddr, parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { isRetryAfter } from '@sallyport/shared/sip/retry-after.ts';
import { editCallIds } from './call-id-fields.ts';
import { unmaskCallId } from './call-id-masking.ts';
import { type HidingContext, isGivenContact, revealUri } from './contact-hiding.ts';
import { NEVER_ENTERS, neverEnters, unlistedName } from './hidden-headers.ts';
import { asksForOurs } from './own-realms.ts';
import { editPriority, RESOURCE_PRIORITY } from './resource-priority.ts';

/**
 * Takes off what a partner must not bring in, and turns our tokens in its header fields back into what they
 * stand for. The same for requests and responses.
 */
export function editInward(
  edit: MessageEdit,
  index: MessageIndex,
  { partner, tokens, site }: Pick<HidingContext, 'partner' | 'tokens' | 'site'>,
): void {
  for (const id of NEVER_ENTERS) if (index.count(id) > 0) edit.removeAll(id);
  for (let line = 0; line < index.headerCount; line++) {
    if (index.ids[line] === Header.retryAfter && !isRetryAfter(index.value(line))) {
      edit.removeLine(line);
    }
    const name = unlistedName(index, line);
    if (name === undefined) continue;
    if (name === RESOURCE_PRIORITY && index.isRequest) {
      editPriority(edit, index, line, site.partnerById.get(partner));
      continue;
    }
    if (neverEnters(name) || asksForOurs(name, index, line, site)) edit.removeLine(line);
  }
  if (!index.isRequest) return;
  editCallIds(edit, index, (callId) => unmaskCallId(callId, partner, tokens));
  const reveal = (uri: string) => revealUri(uri, partner, tokens);
  revealReference(edit, index, Header.referTo, 'Refer-To', reveal);
  // Who was referred to one of ours says who referred it, in the words of the REFER (RFC 3892 §2.1).
  revealReference(edit, index, Header.referredBy, 'Referred-By', (uri) =>
    isGivenContact(uri, partner, tokens) ? reveal(uri) : uri,
  );
}

function revealReference(
  edit: MessageEdit,
  index: MessageIndex,
  id: HeaderId,
  name: string,
  reveal: (uri: string) => string,
): void {
  const line = index.first(id);
  if (line < 0) return;
  const nameAddr = parseNameAddr(index.value(line));
  if (!nameAddr.ok) return;
  const uri = reveal(nameAddr.value.uri);
  if (uri === nameAddr.value.uri) return;
  edit.replaceLine(line, `${name}: ${formatNameAddr({ ...nameAddr.value, uri })}\r\n`);
}
