import { Header } from './header-name.ts';
import type { MessageIndex } from './message-index.ts';
import { NameAddrSpans } from './name-addr-spans.ts';

const spans = new NameAddrSpans();

/**
 * Whether a host of every Contact passes; hosts come in lower case, IPv6 in brackets, and empty for what is no SIP URI.
 *
 * For messages that passed the syntax check. Without a Contact there is nothing to ask.
 */
export function everyContactHost(index: MessageIndex, passes: (host: string) => boolean): boolean {
  const { ids, headerCount, bytes } = index;
  const first = index.first(Header.contact);
  for (let line = first < 0 ? headerCount : first; line < headerCount; line++) {
    if (ids[line] !== Header.contact) continue;
    const end = index.valueEnd[line] as number;
    let at = index.valueStart[line] as number;
    while (at < end) {
      const past = spans.scan(bytes, at, end);
      if (past < 0) return false;
      const { hostStart, hostEnd } = spans.uri;
      if (!passes(spans.isSip ? index.textAt(hostStart, hostEnd).toLowerCase() : '')) return false;
      at = past + 1;
    }
  }
  return true;
}
