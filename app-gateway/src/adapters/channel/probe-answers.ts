import { EXCHANGE_MAX, FrameType } from '@sallyport/shared/channel/frame.ts';
import { PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import { decodeProbeResult, knowsProbe, type ProbeStep } from '@sallyport/shared/channel/probe.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { ProbeFailure, ProbeReport } from '../../commands/command-context.ts';

/** One channel to one proxy worker, as far as a probe is asked for on it. */
export interface Probing {
  readonly name: string;
  readonly node: string;
  readonly connection: Pick<ChannelConnection, 'sendJson' | 'peer' | 'isAvailable'>;
}

type Answer = Result<readonly ProbeStep[], ProbeFailure>;

interface Waiting {
  readonly channel: Probing;
  readonly end: (answer: Answer) => void;
}

/** Longer than a proxy takes for anything. */
const ANSWER_MS = 25_000;

/** Probes that proxies were asked for, and who waits for what comes of them. */
export class ProbeAnswers {
  readonly #waiting = new Map<number, Waiting>();
  #exchange = 0;

  /** Asks one proxy: the one named, by node or as `<node>/<worker>`, else the first by name. */
  async ask(
    channels: Iterable<Probing>,
    partner: string,
    domain: string,
    proxy: string | undefined,
  ): Promise<Result<ProbeReport, ProbeFailure>> {
    const up = [...channels].filter(({ connection }) => connection.isAvailable);
    const meant = up.filter(({ node, name }) => [undefined, node, name].includes(proxy));
    const able = meant.filter(({ connection }) => knowsProbe(PROTOCOL_VERSIONS, connection.peer));
    const [channel] = able.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (channel === undefined) {
      if (up.length === 0) return err('no-proxy');
      return err(meant.length === 0 ? 'proxy-unknown' : 'proxy-too-old');
    }
    const answer = await this.#answerOf(channel, { partner, domain });
    return answer.ok ? ok({ proxy: channel.name, steps: answer.value }) : answer;
  }

  /** An answer that nobody waits for, or from another than was asked, is dropped. */
  answered(channel: Probing, exchange: number, bytes: Buffer, start: number, end: number): void {
    const waiting = this.#waiting.get(exchange);
    if (waiting?.channel !== channel) return;
    const result = decodeProbeResult(bytes, start, end);
    if (!result.ok) return waiting.end(err('answer-malformed'));
    const { steps, refusal } = result.value;
    waiting.end(steps === undefined ? err(refusal ?? 'answer-malformed') : ok(steps));
  }

  /** A channel that is gone answers no more. */
  closed(channel: Probing): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.channel === channel) waiting.end(err('answer-missing'));
    }
  }

  #answerOf(channel: Probing, request: object): Promise<Answer> {
    return new Promise((resolve) => {
      this.#exchange = this.#exchange === EXCHANGE_MAX ? 1 : this.#exchange + 1;
      const exchange = this.#exchange;
      const end = (answer: Answer): void => {
        clearTimeout(timer);
        this.#waiting.delete(exchange);
        resolve(answer);
      };
      const timer = setTimeout(() => end(err('answer-missing')), ANSWER_MS);
      this.#waiting.set(exchange, { channel, end });
      const isSent = channel.connection.sendJson(FrameType.probe, 0, exchange, request);
      if (!isSent) end(err('answer-missing'));
    });
  }
}
