import type { SeededRandom } from '../fuzz/mutator.ts';

/** A production: makes one of the texts that it stands for. Bytes above 127 are latin1 characters. */
export type Rule = (random: SeededRandom) => string;

/** What a production is made of: text as it stands, or another one. */
export type Part = string | Rule;

export function made(part: Part, random: SeededRandom): string {
  return typeof part === 'string' ? part : part(random);
}

/** One after the other. */
export function seq(...parts: readonly Part[]): Rule {
  return (random) => parts.map((part) => made(part, random)).join('');
}

/** One of them; what stands there twice comes twice as often. */
export function alt(...parts: readonly Part[]): Rule {
  return (random) => made(random.pick(parts), random);
}

/** There or not: `[ … ]`. */
export function opt(...parts: readonly Part[]): Rule {
  return alt('', seq(...parts));
}

/** From `min` to `max` times. */
export function many(part: Part, min: number, max: number): Rule {
  return (random) => {
    const count = min + random.below(max - min + 1);
    return Array.from({ length: count }, () => made(part, random)).join('');
  };
}

/** One of the characters. */
export function anyOf(characters: string): Rule {
  return (random) => characters[random.below(characters.length)] ?? '';
}

/** The text with its letters in any case, as ABNF has all literals (RFC 5234 §2.3). */
export function anyCase(text: string): Rule {
  return (random) => {
    const style = random.below(5);
    if (style > 1) return text;
    return style === 0 ? text.toUpperCase() : text.toLowerCase();
  };
}

/** Some of them, each at most once, in any order. */
export function someOf(min: number, max: number, parts: readonly Part[]): Rule {
  return (random) => {
    const left = [...parts];
    const count = Math.min(parts.length, min + random.below(max - min + 1));
    return Array.from({ length: count }, () =>
      made(left.splice(random.below(left.length), 1)[0] ?? '', random),
    ).join('');
  };
}
