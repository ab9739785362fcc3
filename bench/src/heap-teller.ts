import process from 'node:process';

/** Loaded before a gateway (`--import`, `--expose-gc`): SIGUSR2 has it collect what it can, and say what stays. */
process.on('SIGUSR2', () => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const waiting = process.getActiveResourcesInfo();
  const timers = waiting.filter((kind) => kind === 'Timeout' || kind === 'Immediate').length;
  const facts = { heapUsed, external, arrayBuffers, timers, resources: waiting.length };
  process.stdout.write(`${JSON.stringify({ event: 'heap', ...facts })}\n`);
});
