import { Header } from '@sallyport/shared/sip/header-name.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { optionTags } from '@sallyport/shared/sip/option-tags.ts';
import type { Partner } from '../site-view.ts';
import { unlistedName } from './hidden-headers.ts';

type Agreed = Pick<Partner, 'priorityNamespaces'>;

/** In lower case; the option tag is called the same (RFC 4412 §3.4). */
export const RESOURCE_PRIORITY = 'resource-priority';

const VALUE = /^([A-Za-z0-9!%*_+`'~-]+)\.[A-Za-z0-9!%*_+`'~-]+$/;

/**
 * Leaves of a line with Resource-Priority what is of the partner's namespaces, as it was written; a line of others goes.
 *
 * Who may have which priority differs from network to network: a value counts where it was agreed upon (RFC 4412 §8).
 */
export function editPriority(
  edit: MessageEdit,
  index: MessageIndex,
  line: number,
  partner: Agreed | undefined,
): void {
  const values = splitList(index.value(line));
  const agreed = values.filter((value) => isAgreed(value, partner));
  if (agreed.length === values.length) return;
  if (agreed.length === 0) return edit.removeLine(line);
  edit.replaceLine(line, `Resource-Priority: ${agreed.join(', ')}\r\n`);
}

/** Whether a request demands that its priority is understood, and none of it is (RFC 4412 §4.6.2). */
export function demandsOtherPriority(index: MessageIndex, partner: Agreed): boolean {
  const tags = optionTags(index, Header.require);
  if (!tags.some((tag) => tag.toLowerCase() === RESOURCE_PRIORITY)) return false;
  const values = [];
  for (let line = 0; line < index.headerCount; line++) {
    if (unlistedName(index, line) !== RESOURCE_PRIORITY) continue;
    values.push(...splitList(index.value(line)));
  }
  return values.length > 0 && !values.some((value) => isAgreed(value, partner));
}

function isAgreed(value: string, partner: Agreed | undefined): boolean {
  const namespace = VALUE.exec(value)?.[1]?.toLowerCase();
  return namespace !== undefined && partner?.priorityNamespaces.has(namespace) === true;
}
