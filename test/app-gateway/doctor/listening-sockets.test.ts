import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  establishedPorts,
  listeningSockets,
  socketKey,
} from '@sallyport/app-gateway/doctor/listening-sockets.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { socketTables } from './socket-tables.ts';

const LOOPBACK_6 = '00000000000000000000000001000000';
const DOCUMENTATION_6 = 'B80D0120000001000000000012000000';

describe('sockets in the tables of the kernel', () => {
  it('listening ones of both protocols and families, none that are connected', () => {
    const found = listeningSockets(
      socketTables({
        tcp: [
          ['00000000:13C5', '0A', '1001'],
          ['0100007F:1F91', '0A', '1002'],
          ['0B0200C0:13C5', '01', '1003'],
        ],
        tcp6: [
          [`${LOOPBACK_6}:1F91`, '0A', '1004'],
          [`${DOCUMENTATION_6}:13C5`, '0A', '1005'],
        ],
        udp: [
          ['00000000:0035', '07', '1006'],
          ['0B0200C0:A000', '01', '1007'],
        ],
      }),
    );
    assert.deepEqual(
      found.map((socket) => `${socketKey(socket)} ${socket.inode}`),
      [
        'tcp 0.0.0.0:5061 1001',
        'tcp 127.0.0.1:8081 1002',
        'tcp [::1]:8081 1004',
        'tcp [2001:db8:1::12]:5061 1005',
        'udp 0.0.0.0:53 1006',
      ],
    );
  });

  it('workers that share a port are one socket', () => {
    const rows = ['7', '8', '9'].map((inode) => ['00000000:13C5', '0A', inode] as const);
    const found = listeningSockets(socketTables({ tcp: rows }));
    assert.deepEqual(
      found.map(({ inode }) => inode),
      ['7'],
    );
  });

  it('connections are counted by the port of this side', () => {
    const ports = establishedPorts(
      socketTables({
        tcp: [
          ['0B0200C0:1D13', '01', '1'],
          ['0B0200C0:1D13', '01', '2'],
          ['0B0200C0:1D14', '0A', '3'],
        ],
        tcp6: [[`${LOOPBACK_6}:1D14`, '01', '4']],
      }),
    );
    assert.deepEqual(
      [...ports],
      [
        [7443, 2],
        [7444, 1],
      ],
    );
  });

  it('nothing is made of tables that are missing, or broken', () => {
    const none = { tcp: undefined, tcp6: undefined, udp: undefined, udp6: undefined };
    assert.deepEqual(listeningSockets(none), []);
    assert.deepEqual(listeningSockets({ ...none, tcp: '  0: zz:13C5 00000000:0000 0A x' }), []);
  });

  it('a place is written as it is dialled', () => {
    assert.equal(hostPort('192.0.2.1', 53), '192.0.2.1:53');
    assert.equal(hostPort('2001:db8::1', 53), '[2001:db8::1]:53');
  });
});
