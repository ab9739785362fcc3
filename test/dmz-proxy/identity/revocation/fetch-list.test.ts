import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createRawServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  type FetchRules,
  fetchList,
  listUrl,
  PIECES_MAX,
} from '@sallyport/dmz-proxy/identity/revocation/fetch-list.ts';
import type { DnsAnswer } from '@sallyport/shared/net/dns-record.ts';

const BYTES_MAX = 1000;
const BODY = Buffer.alloc(BYTES_MAX, 7);

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** What the server does, by path. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  '/list?a=b': (response) => response.end(BODY),
  '/chunked': (response) => {
    response.write(BODY.subarray(0, 400));
    response.end(BODY.subarray(400));
  },
  '/chunked-beyond': (response) => {
    response.write(BODY);
    response.end('x');
  },
  '/long': (response) => response.end(Buffer.alloc(BYTES_MAX + 1)),
  '/endless': (response) => {
    const more = (): void => {
      while (response.writable && response.write(BODY));
      response.once('drain', more);
    };
    more();
  },
  '/moved': (response) => response.writeHead(302, { location: '/list?a=b' }).end(BODY),
  '/gone': (response) => response.writeHead(404).end(BODY),
  '/empty': (response) => response.writeHead(204).end(),
  '/packed': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(BODY),
  '/plain': (response) => response.writeHead(200, { 'content-encoding': 'identity' }).end(BODY),
  '/cut': (response) => {
    response.writeHead(200, { 'content-length': BYTES_MAX });
    response.write(BODY.subarray(0, 10), () => response.destroy());
  },
  '/heads': (response) => response.writeHead(200, { 'x-long': 'x'.repeat(9000) }).end(BODY),
  '/silent': () => undefined,
  '/stalled': (response) => response.write('x'),
};

describe('fetching a revocation list', () => {
  let server: Server;
  let base: string;
  let asked: string[];
  const seen: IncomingMessage[] = [];
  before(async () => {
    server = createServer((request, response) => {
      seen.push(request);
      response.on('error', () => undefined);
      (ANSWERS[request.url ?? ''] as Answer)(response, request);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  function fetched(uri: string, changes: Partial<FetchRules> = {}) {
    asked = [];
    return fetchList(uri, {
      ask: ({ type, name }) => {
        asked.push(`${type} ${name}`);
        const addresses = type === 'A' && name === 'lists.example' ? ['10.0.0.1', '127.0.0.1'] : [];
        const none: DnsAnswer = { kind: 'none' };
        return Promise.resolve(addresses.length > 0 ? { kind: 'addresses', addresses } : none);
      },
      mayDial: (address) => address === '127.0.0.1',
      timeoutMs: 10_000,
      bytesMax: BYTES_MAX,
      ...changes,
    });
  }

  for (const path of ['/list?a=b', '/chunked', '/plain']) {
    it(`brings ${path}`, async () => {
      assert.deepEqual(await fetched(base + path), { ok: true, value: BODY });
    });
  }

  const refused = [
    ['/long', 'too-large'],
    ['/chunked-beyond', 'too-large'],
    ['/endless', 'too-large'],
    ['/moved', 'redirected'],
    ['/gone', 'status'],
    ['/empty', 'status'],
    ['/packed', 'encoded'],
    ['/cut', 'cut-off'],
    ['/heads', 'connect-failed'],
  ] as const;
  for (const [path, error] of refused) {
    it(`brings nothing of ${path}: ${error}`, async () => {
      assert.deepEqual(await fetched(base + path), { ok: false, error });
    });
  }

  for (const path of ['/silent', '/stalled']) {
    it(`waits so long and no longer: ${path}`, async () => {
      const result = await fetched(base + path, { timeoutMs: 50 });
      assert.deepEqual(result, { ok: false, error: 'timeout' });
    });
  }

  for (const [pieces, result] of [
    [PIECES_MAX, { ok: true, value: Buffer.alloc(PIECES_MAX, 'x') }],
    [PIECES_MAX + 1, { ok: false, error: 'too-many-pieces' }],
  ] as const) {
    it(`takes so many pieces of one octet: ${pieces}`, async () => {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      const raw = createRawServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(`${head}${'1\r\nx\r\n'.repeat(pieces)}0\r\n\r\n`));
      }).listen(0, '127.0.0.1');
      await once(raw, 'listening');
      const { port } = raw.address() as AddressInfo;
      const fetching = fetched(`http://127.0.0.1:${port}/`, { bytesMax: 1_000_000 });
      assert.deepEqual(await fetching, result);
      await new Promise((closed) => raw.close(closed));
    });
  }

  it('waits no longer for a name', async () => {
    const ask = () => new Promise<DnsAnswer>(() => undefined);
    const result = await fetched('http://lists.example/', { ask, timeoutMs: 20 });
    assert.deepEqual(result, { ok: false, error: 'timeout' });
  });

  it('dials the first address that may be dialled, and asks for the name', async () => {
    seen.length = 0;
    const { port } = new URL(base);
    const uri = `http://lists.example:${port}/list?a=b`;
    assert.deepEqual(await fetched(uri), { ok: true, value: BODY });
    assert.deepEqual(asked, ['A lists.example']);
    const [{ headers, method } = { headers: {}, method: '' }] = seen;
    assert.equal(method, 'GET');
    assert.equal(headers.host, `lists.example:${port}`);
    assert.equal(headers.cookie ?? headers.authorization, undefined);
  });

  it('knocks on no door that certificates may not choose', async () => {
    const error = 'address-reserved';
    for (const host of ['10.0.0.1', '[::1]', '0x7f.1', '2130706433', '[::ffff:7f00:1]']) {
      const mayDial = () => false;
      assert.deepEqual(await fetched(`http://${host}/`, { mayDial }), { ok: false, error }, host);
    }
    const result = await fetched('http://lists.example/', { mayDial: () => false });
    assert.deepEqual(result, { ok: false, error });
    assert.deepEqual(asked, ['A lists.example', 'AAAA lists.example']);
  });

  it('says when there is no such name, and when nobody listens', async () => {
    assert.deepEqual(await fetched('http://no.example/'), { ok: false, error: 'dns-failed' });
    const closed = createRawServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const result = await fetched(`http://127.0.0.1:${port}/`);
    assert.deepEqual(result, { ok: false, error: 'connect-failed' });
  });

  it('knows plain http alone', async () => {
    const others = ['https://a/', 'ldap://a/', 'ftp://a/', 'file:///etc/passwd', 'http://u@a/'];
    const odd = ['', 'a', 'http://', 'http://:p@a/', `http://a/${'x'.repeat(1020)}`];
    for (const uri of [...others, ...odd]) {
      assert.equal(listUrl(uri), undefined, uri);
      assert.deepEqual(await fetched(uri), { ok: false, error: 'uri-unsupported' });
    }
    assert.equal(listUrl(`http://a/${'x'.repeat(1015)}`)?.host, 'a');
  });
});
