/** Characters XML 1.0 cannot carry, even escaped: they would make the whole answer unreadable. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };
const NAMED: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };

/** @returns the text as it may stand between tags or in double quotes; what XML cannot carry is left out */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');
}

/** @returns the text with the five named entities read once: what a caller escaped twice */
export function unescapeOnce(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => NAMED[entity] ?? entity);
}
