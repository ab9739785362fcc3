import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ORPHANS_AT_ONCE } from '@sallyport/dmz-proxy/edge/orphans.ts';
import { request } from '../../integration/support/sip-text.ts';
import { IngressStage } from './ingress-stage.ts';
import { recordedFlow } from './recorded-flow.ts';

/** Two partners' connections, with as many requests each at a gateway that ends. */
function stageWith(each: number) {
  const stage = new IngressStage({ nowMs: () => 0 });
  const { link } = stage.connect('gateway-1');
  const flows = [recordedFlow(), recordedFlow()] as const;
  for (let number = 0; number < each; number++) {
    for (const [at, { flow }] of flows.entries()) {
      const id = `${at}-${number}`;
      stage.receive(flow, request({ callId: `call-${id}`, branch: `z9hG4bK${id}` }));
    }
  }
  stage.gateways.remove(link);
  stage.ingress.gatewayLost(link);
  const turn = () => {
    for (const then of stage.nextTurn.splice(0)) then();
  };
  return { stage, link, flows, turn };
}

describe('a gateway that ends with many requests', () => {
  it('has them answered some in a turn of the loop, in their order, and all of them', () => {
    const { stage, link, flows, turn } = stageWith(ORPHANS_AT_ONCE);
    const [first, second] = flows;
    assert.equal(link.pending.size, 0);
    assert.equal(first.written.length + second.written.length, ORPHANS_AT_ONCE);
    assert.equal(first.flow.requestsOwed, ORPHANS_AT_ONCE / 2);
    turn();
    assert.equal(first.written.length, ORPHANS_AT_ONCE);
    for (const [number, text] of first.written.entries()) {
      assert.match(text, /^SIP\/2\.0 503 /);
      assert.ok(text.includes(`\r\nCall-ID: call-0-${number}\r\n`), text);
    }
    const loads = flows.map(({ flow }) => flow.identity.partner.load.requestsInFlight);
    assert.deepEqual(loads, [0, 0]);
    turn();
    assert.equal(stage.nextTurn.length, 0);
  });

  it('has none answered on a connection that ended meanwhile, and nobody is owed anything', () => {
    const { stage, flows, turn } = stageWith(ORPHANS_AT_ONCE);
    const [first, second] = flows;
    Object.assign(first.flow, { isClosed: true });
    stage.ingress.flowLost(first.flow);
    turn();
    assert.equal(first.written.length, ORPHANS_AT_ONCE / 2);
    assert.equal(second.written.length, ORPHANS_AT_ONCE);
    assert.deepEqual([first.flow.requestsOwed, second.flow.requestsOwed], [0, 0]);
    assert.equal(stage.counters.read()['refused:gateway-lost'], 1.5 * ORPHANS_AT_ONCE);
  });

  it('takes nothing from what is asked of the next one meanwhile', () => {
    const { stage, flows, turn } = stageWith(ORPHANS_AT_ONCE);
    const { link, channel } = stage.connect('gateway-2');
    stage.receive(flows[0].flow, request({ callId: 'new', branch: 'z9hG4bKnew' }));
    assert.equal(channel.sip.length, 1);
    turn();
    assert.equal(link.pending.size, 1);
    assert.equal(flows[0].flow.requestsOwed, 1);
  });
});
