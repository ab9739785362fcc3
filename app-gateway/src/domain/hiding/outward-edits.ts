import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { type HidingContext, hideContact } from './contact-hiding.ts';
import { NEVER_LEAVES } from './hidden-headers.ts';

/** Fields whose URIs may name an inner host, with the name they get when rewritten. */
const URI_FIELDS: readonly (readonly [HeaderId, string])[] = [
  [Header.contact, 'Contact'],
  [Header.referTo, 'Refer-To'],
  [Header.referredBy, 'Referred-By'],
];

/** Takes off whatever would tell a partner of our inside; the same for requests and responses. */
export function editOutward(edit: MessageEdit, index: MessageIndex, context: HidingContext): void {
  for (const id of NEVER_LEAVES) if (index.count(id) > 0) edit.removeAll(id);
  for (const [id, name] of URI_FIELDS) {
    if (index.count(id) === 0) continue;
    for (let line = index.first(id); line < index.headerCount; line++) {
      if (index.ids[line] === id) hideLine(edit, index, line, name, context);
    }
  }
}

function hideLine(
  edit: MessageEdit,
  index: MessageIndex,
  line: number,
  name: string,
  context: HidingContext,
): void {
  const value = index.value(line);
  if (name !== 'Contact' && namesPartner(value, context)) return;
  const hidden = hideContact(value, context);
  if (hidden === undefined) edit.removeLine(line);
  else if (hidden !== value) edit.replaceLine(line, `${name}: ${hidden}\r\n`);
}

/** A Refer-To that points back at a partner's own user is no secret of ours. */
function namesPartner(value: string, context: HidingContext): boolean {
  const host = /@([^;>?:\s]+)/.exec(value)?.[1]?.toLowerCase();
  return host !== undefined && context.site.partnerByDomain.has(host);
}
