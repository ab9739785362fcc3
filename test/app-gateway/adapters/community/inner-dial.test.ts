import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  InnerDial,
  type InnerPlace,
} from '@sallyport/app-gateway/adapters/community/inner-dial.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { anchors, gateway, sipServer } from './community-bench.ts';
import { InnerServer, strangeAuthority } from './inner-server.ts';

const strangers = certificatesOfPem(strangeAuthority.certificatePem);

describe('a dial to an inner server', { timeout: 10_000 }, () => {
  /** What came of it: each step, and why it ended. */
  async function dialled(change: Partial<InnerPlace> = {}) {
    const server = new InnerServer(sipServer);
    const port = await server.listen();
    const host = '127.0.0.1';
    const serverName = 'sip.inner.example';
    const placed = { place: { host, port, serverName, anchors, identity: gateway, ...change } };
    const steps: string[] = [];
    let advance: () => void = () => undefined;
    const dial = new InnerDial(placed, {
      opened: () => {
        steps.push('opened');
        advance();
      },
      ended: ({ fault }) => {
        steps.push(fault);
        advance();
      },
    });
    const step = async (count: number) => {
      while (steps.length < count) {
        await new Promise<void>((resolve) => {
          advance = resolve;
        });
      }
      return steps;
    };
    return { server, dial, placed, step };
  }

  it('says when it stands, and when the server has ended it', async () => {
    const { server, step } = await dialled();
    assert.deepEqual(await step(1), ['opened']);
    (await server.accepted()).socket.end();
    assert.deepEqual(await step(2), ['opened', 'closed']);
    server.close();
  });

  it('says why it came to nothing', async () => {
    const { server, step } = await dialled({ anchors: strangers });
    assert.deepEqual(await step(1), ['community-path-invalid']);
    server.close();
    const gone = await dialled();
    gone.server.close();
    const refused = await dialled({ port: gone.placed.place.port });
    assert.deepEqual(await refused.step(1), ['ECONNREFUSED']);
    gone.dial.giveUp('stopped');
    refused.server.close();
  });

  it('goes by the settings of the moment at which the server shows itself, and later when asked', async () => {
    const early = await dialled();
    early.placed.place = { ...early.placed.place, anchors: strangers };
    assert.deepEqual(await early.step(1), ['community-path-invalid']);
    early.server.close();
    const later = await dialled();
    await later.step(1);
    assert.equal(later.dial.judge(), true);
    later.placed.place = { ...later.placed.place, serverName: 'other.inner.example' };
    assert.equal(later.dial.judge(), false);
    assert.deepEqual(await later.step(2), ['opened', 'community-name-wrong']);
    later.server.close();
  });
});
