import { join, relative } from 'node:path';
import process from 'node:process';
import { actOne } from './acts.ts';
import { readOptions, USAGE } from './demo-options.ts';
import { openLedger } from './ledger-act.ts';
import { takeOnPartner } from './partner-act.ts';
import { SecondCompany } from './second-company.ts';
import { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';

/** Exit code of a shell's Ctrl-C, where there was nothing yet to sum up. */
const INTERRUPTED = 130;

/** `npm start`: two companies, the pair between them, and people who talk; `-- --once` for one round. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (options instanceof Error) {
    process.stderr.write(`${options.message}\n\n${USAGE}\n`);
    return 2;
  }
  const timeline = new Timeline();
  let isSet = false;
  let interrupted = false;
  const interrupt = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (!isSet) process.exit(INTERRUPTED);
        interrupted = true;
        resolve();
      });
    }
  });
  const [stage, initech] = await Promise.all([
    Stage.build(options.layout, timeline),
    SecondCompany.build(),
  ]);
  isSet = true;
  try {
    await actOne(stage, timeline);
    await takeOnPartner(stage, initech, timeline);
    await openLedger(stage, timeline);
    if (!options.once) inviteToLook(stage, timeline);
    for (;;) {
      if (options.once || interrupted) break;
      timeline.note('next round in 10 seconds; Ctrl-C ends it');
      const pause = new Promise((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([pause, interrupt]);
      if (interrupted) break;
      await actOne(stage, timeline);
    }
  } finally {
    await Promise.all([stage.close(timeline), initech.close()]);
  }
  timeline.title(
    timeline.bad === 0
      ? `All ${timeline.good} steps went as stated.`
      : `${timeline.bad} of ${timeline.good + timeline.bad} steps did not go as stated.`,
  );
  return timeline.bad === 0 ? 0 : 1;
}

/** Commands for another terminal, on the site that goes on running. */
function inviteToLook(stage: Stage, timeline: Timeline): void {
  const bundle = relative(process.cwd(), join(stage.site.folder, 'hosts', 'gateway-1'));
  timeline.title('Look around yourself, in another terminal');
  timeline.note(`export SALLYPORT_BUNDLE=${bundle}`);
  timeline.note('npx sallyport audit search --partner globex --limit 20');
  timeline.note('npx sallyport partner list');
  timeline.note('npx sallyport posture');
}

process.exitCode = await main().catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
  return 1;
});
process.exit();
