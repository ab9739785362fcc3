import type { HeaderId } from './header-name.ts';
import type { MessageIndex } from './message-index.ts';
import { parseTokenList } from './token-list.ts';

/**
 * The option tags of all fields of one name, in order and as written (RFC 3261 §19.2).
 *
 * For messages that passed the syntax check: a malformed field gives none.
 */
export function optionTags(index: MessageIndex, id: HeaderId): readonly string[] {
  if (index.count(id) === 0) return NONE;
  const tags: string[] = [];
  for (let line = index.first(id); line < index.headerCount; line++) {
    if (index.ids[line] !== id) continue;
    const tokens = parseTokenList(index.value(line));
    if (tokens.ok) tags.push(...tokens.value);
  }
  return tags;
}

const NONE: readonly string[] = [];
