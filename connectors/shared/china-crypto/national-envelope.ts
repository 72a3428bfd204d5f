import { valueText, type JsonMembers } from './json-text.ts';
import { messageSeal, type MessageSeal, type MessageSealOptions } from './message-seal.ts';

/** What the specification leaves open about the signed text (insurance.md section 14); the defaults are those of contract section 7. */
export interface NationalEnvelopeOptions extends MessageSealOptions {
  /** members with empty values: left out (default), or taken as `name=` */
  readonly emptyMembers?: 'leave-out' | 'keep';
}

/** members that never take part; a reply has output where a request has input */
const UNSIGNED = new Set(['cainfo', 'input', 'output']);

/**
 * National envelope (insurance.md section 4(a)): SM2 over the envelope, SM4 over `input`.
 * Note that `input` is not covered by the signature: what protects it is the transport.
 */
export function nationalEnvelope(options: NationalEnvelopeOptions): MessageSeal {
  const text = (members: JsonMembers): string => nationalCanonicalText(members, options.emptyMembers);
  return messageSeal(options, { ofRequest: text, ofReply: text });
}

/**
 * Canonical text: all members but cainfo and input (output in a reply), names in ascending order of ASCII, `name=value` joined by `&`.
 * @example nationalCanonicalText(new Map([['msgid', 'M1'], ['infno', '3505'], ['dev_no', '']])) === 'infno=3505&msgid=M1'
 */
export function nationalCanonicalText(members: JsonMembers, emptyMembers: 'leave-out' | 'keep' = 'leave-out'): string {
  return [...members]
    .filter(([name]) => !UNSIGNED.has(name))
    .map(([name, node]) => [name, valueText(node)] as const)
    .filter(([, value]) => emptyMembers === 'keep' || value !== '')
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
