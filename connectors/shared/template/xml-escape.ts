/** Characters that XML 1.0 does not have at all: no escape makes them legal, so they are left out. */
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\r': '&#13;', '\n': '&#10;', '\t': '&#9;' };

/** @returns text for the content of an element */
export function escapeXmlText(text: string): string {
  return text.replace(ILLEGAL, '').replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? character);
}

/** @returns text for an attribute in double quotes; line breaks and tabs survive */
export function escapeXmlAttribute(text: string): string {
  return text.replace(ILLEGAL, '').replace(/[&<>"\r\n\t]/g, (character) => ENTITIES[character] ?? character);
}

/** @returns a CDATA section; an end mark inside the text is cut in two */
export function cdataOf(text: string): string {
  return `<![CDATA[${text.replace(ILLEGAL, '').replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}
