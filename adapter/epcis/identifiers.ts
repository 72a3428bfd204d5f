/**
 * URIs of what the history speaks of. A 20-digit trace code is no GS1 key and gets a private URI (mah.md section 14); only
 * GS1 coded packs get a GS1 Digital Link.
 */

const PRIVATE = 'urn:his-trace';
const DIGITAL_LINK = 'https://id.gs1.org';
const GS1_CODE = /^\(01\)(\d{14})\(21\)(.+)$/;

/** @param code canonical text of the ledger */
export function packUri(code: string): string {
  const gs1 = GS1_CODE.exec(code);
  return gs1 === null ? `${PRIVATE}:code:${encode(code)}` : `${DIGITAL_LINK}/01/${gs1[1] ?? ''}/21/${encode(gs1[2] ?? '')}`;
}

/** @returns the canonical text that an URI of {@link packUri} or an SGTIN Digital Link speaks of, undefined for others */
export function codeOfUri(uri: string): string | undefined {
  const link = /^https?:\/\/[^/]+(?:\/[^/]+)*?\/01\/(\d{14})\/21\/([^/?#]+)$/.exec(uri);
  if (link !== null) return `(01)${link[1] ?? ''}(21)${decode(link[2] ?? '')}`;
  const own = new RegExp(`^${PRIVATE}:code:(.+)$`).exec(uri)?.[1];
  return own === undefined ? undefined : decode(own);
}

/** A kind of goods: the drug in the institution's own catalogue. */
export function drugUri(institution: string, drug: string): string {
  return `${PRIVATE}:drug:${encode(institution)}:${encode(drug)}`;
}

/** @param location as the HIS names it, undefined = the institution as a whole */
export function placeUri(institution: string, location?: string): string {
  return `${PRIVATE}:place:${encode(institution)}${location === undefined ? '' : `:${encode(location)}`}`;
}

export function partyUri(code: string): string {
  return `${PRIVATE}:party:${encode(code)}`;
}

/** @param part which of the EPCIS events that one event of ours becomes */
export function eventUri(institution: string, source: string, id: string, part: number): string {
  return `${PRIVATE}:event:${encode(institution)}:${encode(source)}:${encode(id)}:${String(part)}`;
}

export function documentUri(institution: string, what: 'document' | 'delivery-note' | 'invoice' | 'prescription', no: string): string {
  return `${PRIVATE}:${what}:${encode(institution)}:${encode(no)}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
