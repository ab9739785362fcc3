import { FrameType } from '@sallyport/shared/channel/frame.ts';
import {
  decodeProbe,
  type ProbeRefusal,
  type ProbeRequest,
  type ProbeResult,
  type ProbeStep,
} from '@sallyport/shared/channel/probe.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { DnsResolver } from '../dns/resolver.ts';
import { isPlainAgreed, type Partner, type PartnerTable } from '../identity/partner.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';
import { findTargets } from './find-targets.ts';
import { PROBE_WAITS, probeTarget } from './probe-target.ts';
import { StepList } from './step-list.ts';

export interface ProbesOptions {
  readonly config: () => EdgeConfig | undefined;
  readonly resolver: Pick<DnsResolver, 'ask'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly revocationOf: RevocationOf | undefined;
  /** Address of ours from which a server's is dialled; undefined lets the system choose. */
  readonly sourceFor: (address: string) => string | undefined;
}

/** A channel as far as a probe is answered on it. */
export type ProbeChannel = Pick<ChannelConnection, 'sendJson' | 'close'>;

const WHOLE_MS = 20_000;
const PER_PARTNER_MAX = 2;
const PER_PARTNER_MS = 60_000;

/**
 * Tries partners' servers when a gateway asks: one at a time, twenty seconds at most, twice a minute per partner.
 *
 * A gateway decides who is tried; where that is, and with which key, the signed snapshot says alone.
 */
export class Probes {
  readonly #options: ProbesOptions;
  /** When each partner was last tried. */
  readonly #startedMs = new Map<string, readonly number[]>();
  #running: { readonly partner: string; readonly abort: AbortController } | undefined;
  #isDraining = false;

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** From now on nothing is tried. */
  drain(): void {
    this.#isDraining = true;
    this.#running?.abort.abort();
  }

  /** Whoever is no partner any more is not tried to the end. */
  usePartners({ byId }: PartnerTable): void {
    if (this.#running !== undefined && !byId.has(this.#running.partner)) {
      this.#running.abort.abort();
    }
    for (const id of this.#startedMs.keys()) if (!byId.has(id)) this.#startedMs.delete(id);
  }

  /** The request is `bytes[start, end)`; the answer goes back on the channel under the same exchange. */
  ask(channel: ProbeChannel, exchange: number, bytes: Buffer, start: number, end: number): void {
    const request = decodeProbe(bytes, start, end);
    if (!request.ok) {
      channel.close('payload-malformed');
      return;
    }
    const answer = (result: ProbeResult): void => {
      channel.sendJson(FrameType.probeResult, 0, exchange, result);
    };
    const admitted = this.#admit(request.value);
    if (!admitted.ok) return answer({ refusal: admitted.error });
    const { partner, config } = admitted.value;
    const { domain } = request.value;
    void this.#run(partner, domain, config).then((steps) => answer({ steps }), asBug);
  }

  #admit({
    partner: id,
    domain,
  }: ProbeRequest): Result<
    { readonly partner: Partner; readonly config: EdgeConfig },
    ProbeRefusal
  > {
    if (this.#isDraining) return err('draining');
    const config = this.#options.config();
    const partner = config?.partners.byId.get(id);
    if (config === undefined || partner === undefined) return err('partner-unknown');
    if (!partner.domains.has(domain)) return err('domain-unknown');
    if (this.#running !== undefined) return err('busy');
    const nowMs = this.#options.clock.monotonicMs();
    const recent = (this.#startedMs.get(id) ?? []).filter((atMs) => nowMs - atMs < PER_PARTNER_MS);
    if (recent.length >= PER_PARTNER_MAX) return err('too-often');
    this.#startedMs.set(id, [...recent, nowMs]);
    return ok({ partner, config });
  }

  async #run(partner: Partner, domain: string, config: EdgeConfig): Promise<readonly ProbeStep[]> {
    const { clock, resolver, revocationOf, log } = this.#options;
    const abort = new AbortController();
    this.#running = { partner: partner.id, abort };
    const deadline = clock.after(WHOLE_MS, () => abort.abort());
    const { signal } = abort;
    const steps = new StepList(() => clock.monotonicMs());
    if (isPlainAgreed(partner)) {
      this.#running = undefined;
      deadline.stop();
      const expected = 'a partner that is reached by TLS';
      const seen = 'plain TCP was agreed: there is no certificate to look at';
      steps.add('connect', undefined, { expected, seen, outcome: 'warning', code: 'plain-tcp' });
      return steps.steps;
    }
    try {
      const targets = await untilAborted(findTargets(partner, domain, resolver, steps), signal);
      for (const target of targets) {
        if (signal.aborted) break;
        const wallMs = () => clock.wallMs();
        const from = { ...target, localAddress: this.#options.sourceFor(target.address) };
        await probeTarget(
          {
            partner,
            domain,
            target: from,
            config,
            wallMs,
            revocationOf,
            signal,
            waits: PROBE_WAITS,
          },
          steps,
        );
      }
    } finally {
      deadline.stop();
      this.#running = undefined;
    }
    if (signal.aborted) {
      steps.add('connect', undefined, {
        expected: 'an end within twenty seconds',
        seen: 'ended before all was tried',
        outcome: 'failed',
        code: 'aborted',
      });
    }
    const failed = steps.steps.filter(({ outcome }) => outcome === 'failed').length;
    log.info('partner-probed', { partner: partner.id, steps: steps.steps.length, failed });
    return steps.steps;
  }
}

/** What was found in time. */
function untilAborted<T>(found: Promise<readonly T[]>, signal: AbortSignal): Promise<readonly T[]> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve([]), { once: true });
    found.then(resolve, reject);
  });
}

/** Everything expected is a value by now. */
function asBug(cause: unknown): never {
  throw cause;
}
