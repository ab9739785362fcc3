import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';

/** Which way a request goes, as far as a record of its body says. */
export interface BodyWay {
  readonly direction: 'inward' | 'outward';
  readonly partner: string;
  /** Call-ID line on the far side where it differs. */
  readonly callIdLine: string | undefined;
}

/** Port. Is shown every request that goes on, and keeps the bodies that somebody wants kept. */
export interface BodySink {
  /** Takes no time to speak of and never fails; the message is valid during the call. */
  passing(index: MessageIndex, method: string, way: BodyWay): void;
}
