import type { RecordRouteScheme } from '@sallyport/shared/sip/proxy/record-route.ts';
import type { HidingContext } from '../hiding/contact-hiding.ts';
import type { OwnName } from '../signalling.ts';

/**
 * How one request is carried on, decided once; every target gets the same edits with a Via of its own.
 *
 * `routeLines` and `recordRoute` are whole header lines, or empty. Outward, the name of ours in them is that of the
 * connection that each try takes.
 */
export interface ForwardingPlan {
  readonly direction: 'inward' | 'outward';
  readonly partner: string;
  readonly community: string;
  /** Request-URI to send, and whether the start line changes. */
  readonly requestUri: string;
  readonly routeLines: string;
  readonly recordRoute: (ownName: OwnName) => string;
  readonly maxForwards: number;
  /** Call-ID line on the far side where it differs from ours. */
  readonly callIdLine: string | undefined;
  /** From line on the far side where it differs from ours. */
  readonly fromLine: string | undefined;
  /** `hash` part of the branch (RFC 5393 §4.2). */
  readonly loop: string;
  /** Of our Record-Route in the answers; undefined where the request begins no dialog. */
  readonly answerScheme: RecordRouteScheme | undefined;
  /** How many Record-Route values the request brought: what the far side adds stands above them. */
  readonly recordRouteCount: number;
  /** Inward: hosts to try. Outward: next hop, tried again with the failed addresses avoided. */
  readonly targets: readonly string[];
  /** Outward: it may go over TLS alone. */
  readonly isSecure: boolean;
  /** Flow that the dialog is bound to, outward only. */
  readonly flow: string | undefined;
  /** How the sender's Contact is hidden (outward requests, and responses to inward ones). */
  readonly hiding: HidingContext;
}
