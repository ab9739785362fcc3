import assert from 'node:assert/strict';

/** What programs have written, one character for each byte. */
export interface Written {
  readonly name: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Users that the tests' requests speak of, unless they say otherwise. */
const USERS = ['alice', 'bob'];
/** Bytes that end a line, steer a terminal or reorder text for the eye; as latin1 shows UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const STEERING = /[\x00-\x09\x0b-\x1f\x7f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]/;

/**
 * Fails where a program named a user or quoted a message, wrote a line that is not one JSON object, or wrote
 * anything to standard error.
 */
export function assertDiscreet(programs: readonly Written[], words: readonly string[] = []): void {
  assert.ok(programs.length > 0);
  for (const { name, stdout, stderr } of programs) {
    assert.equal(stderr, '', `${name} wrote to standard error`);
    for (const line of stdout
      .slice(0, stdout.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1)) {
      assert.ok(isJsonObject(line), `${name} wrote a line that is no JSON object: ${line}`);
      assert.doesNotMatch(line, STEERING, `${name} wrote what steers a terminal`);
      // The random name of a test's own folder can hold any word.
      const plain = line.replaceAll(/sallyport-pair-\w+/g, '');
      const said = [...USERS, ...words].filter((word) => indiscreet(plain, word));
      assert.deepEqual(said, [], `${name} wrote: ${line}`);
    }
  }
}

/** As it is, or in another case. */
function indiscreet(line: string, word: string): boolean {
  return line.toLowerCase().includes(word.toLowerCase());
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
