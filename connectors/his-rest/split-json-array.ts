const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/**
 * Cuts the text of a JSON array into the texts of its members, so that each event is kept exactly as it was sent
 * (JSON.stringify would round a 20-digit number). `[{"a":1}, 2]` → `['{"a":1}', '2']`
 * @param text a text that JSON.parse has read as an array
 */
export function splitJsonArray(text: string): readonly string[] {
  const members: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (OPEN.has(unit)) {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (CLOSE.has(unit)) {
      depth -= 1;
      if (depth === 0) {
        const last = text.slice(start, at).trim();
        if (last !== '' || members.length > 0) members.push(last);
      }
    } else if (unit === COMMA && depth === 1) {
      members.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return members;
}
