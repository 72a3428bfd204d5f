/** Characters XML 1.0 cannot carry, even escaped: they would make the whole answer unreadable. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };
const NAMED: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };

/** @returns the text as it may stand between tags or in double quotes; what XML cannot carry is left out */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');
}

const REFERENCE = /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(lt|gt|quot|apos|amp));|&/g;

/** @returns the text with its character references and the five named entities read, undefined when there is any other */
export function decodeEntities(text: string): string | undefined {
  const unknown: string[] = [];
  const decoded = text.replace(REFERENCE, (whole: string, decimal?: string, hex?: string, named?: string) => {
    if (named !== undefined) return NAMED[whole] ?? '';
    const point = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : -1;
    if (point >= 0 && point <= 0x10ffff) return String.fromCodePoint(point);
    unknown.push(whole);
    return '';
  });
  return unknown.length > 0 ? undefined : decoded;
}

/** @returns the text with the five named entities read once: what a caller escaped twice */
export function unescapeOnce(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => NAMED[entity] ?? entity);
}
