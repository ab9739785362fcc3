import { minuteText } from '@sallyport/shared/io/time-text.ts';
import { err, type Result } from '@sallyport/shared/result.ts';
import { REFUSAL_TEXTS } from './refusal-texts.ts';

/** A step that was not taken: why, and what to do next; never a secret. */
export interface ExchangeRefusal {
  readonly code: ExchangeRefusalCode;
  readonly message: string;
  readonly next: string;
  /** The facts of the message, for programs. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Every reason there is; scripts rely on the words. */
export type ExchangeRefusalCode = keyof typeof REFUSAL_TEXTS;

type Fact = string | number | readonly string[];
type Gap<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Gap<Rest>
  : never;
type FactsOf<Code extends ExchangeRefusalCode> = Readonly<
  Record<Gap<(typeof REFUSAL_TEXTS)[Code][number]>, Fact>
> &
  Readonly<Record<string, unknown>>;

/** The refusal in words; facts beyond the text's own go along for programs. */
export function refusalOf<Code extends ExchangeRefusalCode>(
  code: Code,
  facts: FactsOf<Code>,
): ExchangeRefusal {
  const [message, next] = REFUSAL_TEXTS[code];
  return { code, message: filled(message, facts), next: filled(next, facts), detail: { ...facts } };
}

/** The refusal as an outcome. */
export function refuse<Code extends ExchangeRefusalCode>(
  code: Code,
  facts: FactsOf<Code>,
): Result<never, ExchangeRefusal> {
  return err(refusalOf(code, facts));
}

/** `2026-06-01 12:00 UTC`: how a time is written in refusals. */
export function utcText(timeMs: number): string {
  const text = minuteText(timeMs);
  return text === 'no date' ? text : `${text} UTC`;
}

function filled(text: string, facts: Readonly<Record<string, unknown>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const fact = facts[name];
    return Array.isArray(fact) ? fact.join(', ') : String(fact);
  });
}
