import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';

/** Who ordered something, and what was signed for it. */
export interface Orderer {
  /** The operator's name, or the node that does it by itself. */
  readonly author: string;
  /** What the operator signed, and the signature in base64. */
  readonly approval?: { readonly payload: string; readonly signature: string };
}

/** The orderer as records have it: whoever owns the ledger's keys can write a name, and not what that operator signs. */
export function ordererFields({ author, approval }: Orderer): FieldValues {
  if (approval === undefined) return { author };
  const { payload, signature } = approval;
  return {
    author,
    signedText: payload,
    authorSignature: Buffer.from(signature, 'base64'),
  };
}
