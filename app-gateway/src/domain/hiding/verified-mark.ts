import { unescapedText } from '@sallyport/shared/sip/escapes.ts';
import { fromField } from '@sallyport/shared/sip/first-field.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { plainText } from '@sallyport/shared/sip/plain-text.ts';

/**
 * The From line of a partner's request with a `verstat` that claims nothing; undefined where it claims nothing already.
 *
 * By it a network says that it has verified a caller's number (3GPP TS 24.229 §7.2A.20), and telephones show a tick; a partner
 * is in no network of ours. It is looked for in the user, in the URI and behind it, since servers read it anywhere.
 */
export function unverifiedFromLine(index: MessageIndex): string | undefined {
  if (fromField.read(index) < 0) return undefined;
  const line = index.first(Header.from);
  const { uriStart } = fromField.spans;
  const [start, end] = [index.valueStart[line] as number, index.valueEnd[line] as number];
  const told = index.textAt(uriStart, end);
  if (!MAY_BE_THERE.test(told)) return undefined;
  const meant = told.replace(PARAMETER, (whole, before: string, name: string, value: string) => {
    const isClaim = unescapedText(name).toLowerCase() === 'verstat' && !CLAIMS_NOTHING.test(value);
    return isClaim ? before + UNVERIFIED : whole;
  });
  if (meant === told) return undefined;
  return `From: ${plainText(index.textAt(start, uriStart) + meant)}\r\n`;
}

const MAY_BE_THERE = /;\s*(?:v|%[57]6)/i;
/** In a URI it ends at the host, at the headers or at a password, too. */
const PARAMETER = /(;\s*([^\s;=@?>:"]+)\s*=\s*)("[^"]*"|[^\s;@?>:"]*)/g;
const CLAIMS_NOTHING = /^"?(?:No-TN-Validation|TN-Validation-Failed)"?$/i;
const UNVERIFIED = 'No-TN-Validation';
