import type { MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { Site } from './site.ts';

/** How large a message may be, of all that a site's limits say. */
export function messageLimitsOf({ limits }: Pick<Site, 'limits'>): MessageLimits {
  const { headBytesMax, bodyBytesMax, requestUriBytesMax, lineBytesMax, headersMax } = limits;
  return { headBytesMax, bodyBytesMax, requestUriBytesMax, lineBytesMax, headersMax };
}
