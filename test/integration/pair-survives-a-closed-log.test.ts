import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startPair } from './support/pair.ts';
import { requestText } from './support/pair-message.ts';

it('whoever read the programs’ log has gone away: both go on, through everything that is worth a line', async (t) => {
  const pair = await startPair(t);
  const programs = [pair.proxy, ...pair.gateways];
  for (const { child } of programs) {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
  const partner = await pair.partner();
  for (let number = 0; number < 3; number++) {
    const refused = await partner.ask(requestText('PUBLISH'));
    assert.equal(refused.status, 405);
    pair.gateways[0]?.child.kill('SIGHUP');
    assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);
  }
  partner.end();
  for (const program of programs) assert.equal(await program.stop(), 0);
  await pair.stop();
});
