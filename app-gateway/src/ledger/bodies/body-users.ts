import { unescapedText } from '@sallyport/shared/sip/escapes.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';

/**
 * Who a request is about, as rules name them: `user@domain` of From, To and Request-URI.
 *
 * Escapes count for nothing (RFC 3261 §19.1.4): nobody is somebody else by writing a letter in another way.
 */
export function usersOf(index: MessageIndex): readonly string[] {
  const uris = [Header.from, Header.to].map((id) => {
    const parsed = parseNameAddr(index.valueOf(id) ?? '');
    return parsed.ok ? parsed.value.uri : '';
  });
  return [...uris, index.requestUri()].map(userOf).filter((user) => user !== '');
}

function userOf(uri: string): string {
  const sip = parseSipUri(uri);
  if (sip.ok) return `${unescaped(sip.value.user ?? '')}@${sip.value.host}`;
  return unescaped(/^[a-z][a-z0-9+.-]{0,31}:([^;?]*)/i.exec(uri)?.[1] ?? '');
}

function unescaped(text: string): string {
  return Buffer.from(unescapedText(text), 'latin1').toString('utf8');
}
