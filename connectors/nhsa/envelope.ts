import { chinaDateTime } from '../../adapter/domain/china-time.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { MessageSource, Profile } from './profile.ts';
import type { NhsaSettings } from './settings.ts';

export interface EnvelopeParts {
  /** as the wire calls it: 3505, or the region's own number */
  readonly infno: string;
  readonly msgid: string;
  readonly institution: Institution;
  /** 参保地医保区划; '' when the input names no person */
  readonly insuredArea: string;
  readonly signNo: string;
  /** ms since epoch */
  readonly at: number;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * The message (insurance.md section 2): its members in the order of the profile, empty ones as "". Further constants of the
 * profile and the site go behind (pw_ecToken exists only in newer versions). Signing and sealing come afterwards (security.ts).
 */
export function buildEnvelope(parts: EnvelopeParts, by: { readonly settings: Pick<NhsaSettings, 'operator'>; readonly profile: Pick<Profile, 'message' | 'envelope'> }): Record<string, unknown> {
  const { profile, settings: { operator } } = by;
  const { institution } = parts;
  const values: Readonly<Record<Exclude<MessageSource, 'constant'>, unknown>> = {
    infno: parts.infno, msgid: parts.msgid, region: institution.region, insuredArea: parts.insuredArea, operatorType: operator.type, operatorCode: operator.code, operatorName: operator.name,
    time: chinaDateTime(parts.at), institution: institution.code, institutionName: institution.name, signNo: parts.signNo, signature: '', signType: '', encryption: '', input: parts.input,
  };
  const members: Record<string, unknown> = {};
  for (const [name, source] of profile.message) {
    const own = profile.envelope[name];
    // what the region or the site fixes wins, but never over what makes the message this one
    const fixed = own !== undefined && !OURS.has(source);
    members[name] = fixed ? own : source === 'constant' ? '' : values[source];
  }
  for (const [name, value] of Object.entries(profile.envelope)) if (!Object.hasOwn(members, name)) members[name] = value;
  return members;
}

/** sources that no setting may replace */
const OURS: ReadonlySet<MessageSource> = new Set(['infno', 'msgid', 'time', 'institution', 'signNo', 'input', 'encryption', 'signature']);

/**
 * @returns characters of `input`, or of a part of it, as it goes out; the specification bounds them at 40,000. Sealed, every three
 * bytes become four characters, and a Chinese character is three bytes.
 */
export function inputChars(input: Readonly<Record<string, unknown>>, encrypt: 'none' | 'sm4' = 'none'): number {
  const text = JSON.stringify(input);
  return encrypt === 'none' ? text.length : sealedChars(Buffer.byteLength(text, 'utf8'));
}

/** PKCS#7 to whole blocks of 16 bytes, then Base64 */
function sealedChars(bytes: number): number {
  return Math.ceil(((Math.floor(bytes / 16) + 1) * 16) / 3) * 4;
}
