import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PartnerFlow } from '@sallyport/app-gateway/adapters/channel/partner-flow.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { SIP_ACME } from '../../domain/core/core-stage.ts';
import { FakeConnection, HELLO, OPENED } from './fake-connection.ts';

const TABLE = {
  inPlaceOf: () => undefined,
  changed: () => undefined,
  shareOf: () => ({ held: 0, bytes: 0 }),
};

describe('that no answer follows', () => {
  //  what its proxy speaks    frames
  const rows: readonly (readonly [number[], readonly (readonly number[])[]])[] = [
    [[1, 2, 3, 4], [[FrameType.abandoned, 8]]],
    [[1, 2, 3], []],
  ];
  for (const [protocolVersions, expected] of rows) {
    it(`is ${expected.length > 0 ? 'said' : 'not said'} to a proxy that speaks ${protocolVersions.at(-1)}`, () => {
      const connection = new FakeConnection();
      const channel = connection as unknown as ChannelConnection;
      const flow = new PartnerFlow(channel, TABLE, 'edge-1/0', 3, OPENED, () => SIP_ACME);
      flow.abandon(7);
      assert.deepEqual(connection.written, [], 'before the hello');
      connection.peer = { ...HELLO, protocolVersions };
      flow.abandon(8);
      const said = () => connection.written.map(({ type, exchange }) => [type, exchange]);
      assert.deepEqual(said(), expected);
      flow.isOpen = false;
      flow.abandon(9);
      assert.deepEqual(said(), expected, 'its proxy has forgotten it');
    });
  }
});
