import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import type { Finding, FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import type { Desk } from './desk.ts';
import { PackCopy } from './pack-copy.ts';
import type { Stage } from './stage.ts';
import type { Step, Timeline } from './timeline.ts';

const CHECKPOINT_TIMEOUT_MS = 15_000;
const ASK_AGAIN_MS = 100;
const WITNESS = 'edge-1';
const TAIL_RECORDS = 50;
const LINES_SHOWN = 3;
const LINE_CHARS_MAX = 130;

/** What "audit stats" answers, as far as it is used here. */
interface Statistics {
  readonly size: number;
  readonly root: string;
  readonly checkpoint?: {
    readonly size: number;
    readonly atMs: number;
    readonly witnesses: readonly string[];
  };
}

/** What the ledger says of all this: searched, drawn, proved to somebody outside, and what forgers come to. */
export async function openLedger(stage: Stage, timeline: Timeline): Promise<void> {
  timeline.title('The ledger: what was recorded of all this, and what that proves');
  await new LedgerAct(stage, timeline).play();
}

class LedgerAct {
  readonly #stage: Stage;
  readonly #desk: Desk;
  readonly #timeline: Timeline;
  /** Where the auditor keeps what was exported. */
  readonly #folder: string;
  /** Index of the call's INVITE. */
  #call = 0;

  constructor(stage: Stage, timeline: Timeline) {
    this.#stage = stage;
    this.#desk = stage.desk;
    this.#timeline = timeline;
    this.#folder = join(stage.site.folder, 'auditor');
    mkdirSync(this.#folder, { recursive: true });
  }

  async play(): Promise<void> {
    await this.#search();
    await this.#draw();
    await this.#prove();
    await this.#forge();
  }

  async #search(): Promise<void> {
    let lines: readonly string[] = [];
    await this.#step('ann', 'audit search --type message-refused', 'found', async () => {
      const type = ['message-refused'];
      const query = { partner: 'globex', type, after: 0, limit: LINES_SHOWN };
      const found = await this.#desk.read('audit search', query);
      lines = found.split('\n').filter((line) => line.includes('message-refused'));
      return lines.length === LINES_SHOWN ? 'found' : `${lines.length} records`;
    });
    this.#show(lines);
  }

  async #draw(): Promise<void> {
    let lines: readonly string[] = [];
    await this.#step(
      'ann',
      'audit show CALL-ID: bob’s call to alice',
      'INVITE ACK BYE',
      async () => {
        const { callId, index } = await this.#firstCall();
        this.#call = index;
        const drawn = await this.#desk.read('audit show', { callId });
        lines = drawn.split('\n').slice(3);
        return ['INVITE', 'ACK', 'BYE']
          .filter((method) => drawn.includes(` ${method} sip`))
          .join(' ');
      },
    );
    this.#show(lines);
  }

  /** The oldest INVITE that the partner sent. */
  async #firstCall(): Promise<{ readonly callId: string; readonly index: number }> {
    const { entries } = await this.#desk.give<{ readonly entries: readonly EntryView[] }>(
      'audit search',
      { user: this.#stage.bob.address, type: ['message-admitted'], after: 0, limit: 1000 },
      undefined,
    );
    const call = entries.find(({ fields }) => fields['method'] === 'INVITE');
    if (call === undefined) throw new Error('no call in the ledger');
    return { callId: String(call.fields['callId']), index: call.index };
  }

  async #prove(): Promise<void> {
    const upTo = await this.#statistics();
    const isCovered = ({ checkpoint }: Statistics) =>
      checkpoint !== undefined &&
      checkpoint.size >= upTo.size &&
      checkpoint.witnesses.includes(WITNESS);
    await this.#step(
      'gateway-1',
      `signs a checkpoint over all ${upTo.size} records`,
      `cosigned by ${WITNESS}`,
      async () => {
        const { checkpoint } = await until(() => this.#statistics(), isCovered);
        return `cosigned by ${checkpoint?.witnesses.join(', ') ?? 'nobody'}`;
      },
    );
    await this.#step('auditor', 'audit keys; audit export --format pack', 'written', async () => {
      await this.#desk.read('audit keys', { out: this.#folder });
      await this.#desk.read('audit export', {
        format: 'pack',
        out: join(this.#folder, 'all.pack'),
      });
      return 'written';
    });
    let told: readonly string[] = [];
    await this.#step('auditor', 'audit verify, no gateway asked', 'good: no fault', async () => {
      const report = await this.#desk.verify(join(this.#folder, 'all.pack'), this.#folder);
      const { size, provenSize, witnessed, findings, sources } = report;
      const at = new Date((witnessed?.timestampS ?? 0) * 1000).toISOString().slice(11, 19);
      const [, , root = ''] = readFileSync(
        join(this.#folder, 'ledger-checkpoint.txt'),
        'utf8',
      ).split('\n');
      const doubts = findings.filter(({ severity }) => severity === 'doubt');
      told = [
        `${size} records of ${sources.length} runs of programs, root ${root.slice(0, 8)}…, witnessed at ${at}Z by ${witnessed?.nodes.join(', ') ?? 'nobody'}`,
        ...doubts.map(({ code, text }) => `doubt: ${code}, ${text}`),
      ];
      return report.isGood && provenSize === size ? 'good: no fault' : faults(findings);
    });
    this.#show(told);
  }

  async #forge(): Promise<void> {
    const read = () => new PackCopy(join(this.#folder, 'all.pack'));
    const [call, before] = [this.#call, this.#call - 1];
    await this.#forged(
      'one octet: the call was to alicf, not alice',
      'record-changed',
      `#${call}`,
      () => {
        const copy = read();
        copy.rewrite(call, 'alice@', 'alicf@');
        return copy.bytes();
      },
    );
    const end = read().count - TAIL_RECORDS;
    await this.#forged(`the last ${TAIL_RECORDS} records dropped`, 'tail-missing', `#${end}`, () =>
      read().bytes(end),
    );
    await this.#forged(
      `#${before} and #${call} in each other’s place`,
      'records-swapped',
      `#${before} with ${call}`,
      () => {
        const copy = read();
        copy.swap(before, call);
        return copy.bytes();
      },
    );
  }

  /** The verifier has to name what was done to a copy, and where. */
  #forged(what: string, code: FindingCode, where: string, make: () => Buffer): Promise<void> {
    return this.#step('forger', what, `found: ${code} ${where}`, async () => {
      const path = join(this.#folder, `${code}.pack`);
      writeFileSync(path, make());
      const { isGood, findings } = await this.#desk.verify(path, this.#folder);
      if (isGood) return 'not found';
      const found = findings.find((finding) => finding.code === code);
      return found === undefined ? faults(findings) : `found: ${placeOf(found)}`;
    });
  }

  #statistics(): Promise<Statistics> {
    return this.#desk.give<Statistics>('audit stats', {}, undefined);
  }

  #show(lines: readonly string[]): void {
    for (const line of lines) {
      const isLong = line.length > LINE_CHARS_MAX;
      this.#timeline.note(`  ${isLong ? `${line.slice(0, LINE_CHARS_MAX - 1)}…` : line}`);
    }
  }

  #step(who: string, what: string, expected: string, run: Step['run']): Promise<void> {
    const where = who === 'auditor' || who === 'forger' ? 'elsewhere' : 'inner DMZ';
    return this.#timeline.step({ who, where, what, expected, run });
  }
}

function placeOf({ code, index, detail }: Finding): string {
  return [code, `#${index}`, ...(detail === undefined ? [] : [detail])].join(' ');
}

function faults(findings: readonly Finding[]): string {
  const codes = findings
    .filter(({ severity }) => severity === 'fault')
    .map((finding) => placeOf(finding));
  return codes.join('; ') || 'no fault';
}

/** Asks until the answer is as wanted; after some seconds it is the last one. */
async function until<T>(ask: () => Promise<T>, isIt: (answer: T) => boolean): Promise<T> {
  const endMs = performance.now() + CHECKPOINT_TIMEOUT_MS;
  for (;;) {
    const answer = await ask();
    if (isIt(answer) || performance.now() > endMs) return answer;
    await wait(ASK_AGAIN_MS);
  }
}
