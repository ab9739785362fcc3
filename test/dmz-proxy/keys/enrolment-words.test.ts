import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { isEnrolment, parseEnrolment } from '@sallyport/dmz-proxy/keys/enrolment-words.ts';

const request = { verb: 'request', bundle: '/b' };
const install = { verb: 'install', bundle: '/b', certificate: '/c.crt' };

describe('the words of an enrolment', () => {
  for (const [words, expected] of [
    ['request --bundle /b', request],
    ['install /c.crt --bundle /b', install],
    ['install --bundle /b /c.crt', install],
    ['request --bundle b', { verb: 'request', bundle: resolve('b') }],
    ['install c.crt --bundle /b', { ...install, certificate: resolve('c.crt') }],
    ['request', undefined],
    ['request --bundle', undefined],
    ['request --bundle --bundle', undefined],
    ['request /c.crt --bundle /b', undefined],
    ['request --force --bundle /b', undefined],
    ['install --bundle /b', undefined],
    ['install /c.crt', undefined],
    ['install -x --bundle /b', undefined],
    ['install /c.crt /d.crt --bundle /b', undefined],
    ['approve /c.crt --bundle /b', undefined],
    ['--bundle request', undefined],
    ['', undefined],
  ] as const) {
    it(`"${words}" ${expected === undefined ? 'is not understood' : `asks for ${expected.verb}`}`, () => {
      assert.deepEqual(parseEnrolment(words.split(' ')), expected);
    });
  }

  for (const [words, is] of [
    [['request'], true],
    [['install', 'x'], true],
    [['./request'], false],
    [['/etc/sallyport/edge-1'], false],
    [[], false],
  ] as const) {
    it(`[${words.join()}] ${is ? 'is' : 'is not'} one`, () => assert.equal(isEnrolment(words), is));
  }
});
