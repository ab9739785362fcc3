import assert from 'node:assert/strict';

/** The value of a result that has one; anything else fails the test. */
export function unwrap<T, E>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E },
): T {
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.error));
  return result.value;
}
