import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { programVersion } from '@sallyport/dmz-proxy/health/program-version.ts';

describe('the version of the program', () => {
  it('is what its package says', () => assert.match(programVersion(), /^\d+\.\d+\.\d+/));
});
