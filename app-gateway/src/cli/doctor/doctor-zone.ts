import { resolve } from 'node:path';
import { localAddresses, localSystem, socketTables } from '../../adapters/host/local-system.ts';
import { GENTLE, type Pace, tryTargets } from '../../adapters/host/try-targets.ts';
import { ephemeralPorts } from '../../doctor/ephemeral-ports.ts';
import { judgeResult } from '../../doctor/judge-result.ts';
import { listeningSockets } from '../../doctor/listening-sockets.ts';
import { targetsFrom } from '../../doctor/pairs.ts';
import { type KnownPlan, PLAN_BYTES_MAX, readPlan } from '../../doctor/read-plan.ts';
import { writeResult } from '../../doctor/signed-result.ts';
import { type Standing, standing } from '../../doctor/standing.ts';
import type { SystemView } from '../../doctor/system-view.ts';
import { isAsPlanned, tally, zoneReportText } from '../../doctor/zone-report.ts';
import { PLACES_MAX, TRIES_MAX, type ZoneResult } from '../../doctor/zone-result.ts';
import { readBounded } from '../files/read-bounded.ts';
import { replaceFile } from '../files/whole-file.ts';
import { causeOf, failure, type Outcome, refusedOutcome, remedyOf, verdict } from '../outcome.ts';
import { progressLines } from '../progress-lines.ts';
import type { Surroundings } from '../surroundings.ts';
import { chosenSigner, type SignerChoice } from './doctor-signer.ts';

/** From where a site is looked at, and against which plan. */
export interface DoctorZoneOptions extends SignerChoice {
  readonly fromZone: string;
  readonly against?: string;
  readonly as?: string;
  readonly out?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** What this command knows of its machine; tests put another in its place. */
export interface ZoneMachine {
  readonly system: SystemView;
  readonly addresses: () => readonly string[];
  readonly pace: Pace;
}

const THIS_MACHINE: ZoneMachine = {
  system: localSystem,
  addresses: localAddresses,
  pace: GENTLE,
};

/** `sallyport doctor --from-zone`: tries every pair of the plan from here; 1 where anything differs. */
export async function doctorZone(
  options: DoctorZoneOptions,
  surroundings: Surroundings,
  machine: ZoneMachine = THIS_MACHINE,
): Promise<Outcome> {
  const { folder } = surroundings;
  const known = planNamed(options.against, folder);
  if (!('plan' in known)) return known;
  const { plan } = known;
  const here = standing(plan, options.fromZone, options.as, machine.addresses());
  if (!here.ok) return failure(here.error, 'name the zone and the host that this machine is');
  const targets = targetsFrom(plan, here.value);
  if (targets.length > TRIES_MAX) {
    return failure(
      `the plan has ${targets.length} places to try, more than ${TRIES_MAX}`,
      'split the site: what takes hours is run by nobody',
    );
  }
  // Before the minutes that it takes: a wrong passphrase should not come after them.
  const signer = await chosenSigner(options, surroundings);
  if (!signer.ok) return refusedOutcome(signer.error);
  const result = await look(known, here.value, surroundings, machine, options.json !== true);
  const judged = judgeResult(plan, result);
  if (options.out !== undefined) {
    try {
      replaceFile(resolve(folder, options.out), writeResult(result, signer.value));
    } catch (cause) {
      return failure(
        `cannot write ${options.out}: ${causeOf(cause)}`,
        remedyOf(cause, 'name another file'),
      );
    }
  }
  const counts = tally(judged);
  const isGood = isAsPlanned(counts);
  const kept = options.out === undefined ? [] : [keptLine(options.out, signer.value?.name)];
  return verdict(isGood, [zoneReportText(result, judged, options.all === true), ...kept], {
    answer: {
      ...resultHead(result),
      ...counts,
      pairs: judged.pairs,
      listening: judged.listening,
    },
  });
}

/** The plan that an option names, or what to say instead. */
export function planNamed(path: string | undefined, folder: string): KnownPlan | Outcome {
  const next = 'give the matrix.json that "sallyport plan" wrote: --against FILE';
  if (path === undefined) return failure('there is no plan to compare with', next);
  const bytes = readBounded(resolve(folder, path), PLAN_BYTES_MAX);
  if (!bytes.ok) return failure(`${path} ${bytes.error}`, next);
  const plan = readPlan(bytes.value);
  return plan.ok ? plan.value : failure(`${path} ${plan.error}`, next);
}

async function look(
  { plan, sha256 }: KnownPlan,
  { zone, host, addresses }: Standing,
  { nowMs, messages }: Surroundings,
  { system, pace }: ZoneMachine,
  isShown: boolean,
): Promise<ZoneResult> {
  const madeAtMs = nowMs();
  const targets = targetsFrom(plan, { zone, host });
  const tell = isShown ? progressLines('pairs tried', { messages, nowMs }) : () => undefined;
  const progress = (done: number) => tell(done, targets.length);
  const tries = await tryTargets(targets, addresses, pace, progress);
  const places = listeningSockets(socketTables(system)).slice(0, PLACES_MAX);
  return {
    site: plan.site,
    planSha256: sha256,
    zone,
    ...(host !== undefined && { host }),
    addresses,
    madeAtMs,
    tookMs: Math.max(0, Math.round(nowMs() - madeAtMs)),
    tries,
    ...(host !== undefined && {
      listening: {
        places: places.map(({ protocol, address, port }) => ({ protocol, address, port })),
        ephemeral: ephemeralPorts(system),
      },
    }),
  };
}

function resultHead({ site, planSha256, zone, host, madeAtMs, tookMs }: ZoneResult): object {
  return { site, planSha256, zone, host, madeAt: new Date(madeAtMs).toISOString(), tookMs };
}

function keptLine(out: string, signer: string | undefined): string {
  return signer === undefined
    ? `written to ${out}, signed by nobody: give --bundle or --operator-key, or the proof will not count it`
    : `written to ${out}, signed by ${signer}`;
}
