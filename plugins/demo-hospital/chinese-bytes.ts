/**
 * Text as bytes the way older HIS programs send it. Written for the few characters of a demonstration: the table of GBK is
 * taken from the decoder that the platform brings along, so no package is needed.
 */
let table: Map<string, readonly number[]> | undefined;

/** Characters of GB18030 with four bytes that the demonstration uses: a name no GBK program can hold. */
const FOUR_BYTES: Readonly<Record<string, readonly number[]>> = { '𠮷': [0x95, 0x34, 0xB2, 0x35], '㛃': [0x82, 0x30, 0xB7, 0x31] };

/** @returns the text in GBK; four-byte characters of GB18030 where it has any of the two known here */
export function encodeChinese(text: string): Uint8Array {
  table ??= buildTable();
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0x3F;
    const known = code < 0x80 ? [code] : table.get(char) ?? FOUR_BYTES[char];
    if (known === undefined) throw new RangeError(`no GB18030 bytes for U+${code.toString(16)}`);
    bytes.push(...known);
  }
  return Uint8Array.from(bytes);
}

function buildTable(): Map<string, readonly number[]> {
  const decoder = new TextDecoder('gbk');
  const pairs = new Map<string, readonly number[]>();
  for (let lead = 0x81; lead <= 0xFE; lead += 1) {
    for (let trail = 0x40; trail <= 0xFE; trail += 1) {
      if (trail === 0x7F) continue;
      const char = decoder.decode(Uint8Array.of(lead, trail));
      if (Array.from(char).length === 1 && char !== '\uFFFD' && !pairs.has(char)) pairs.set(char, [lead, trail]);
    }
  }
  return pairs;
}
