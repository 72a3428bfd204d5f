type Members = Record<string, unknown>;

const NESTED = ['operator', 'prescriber', 'patient', 'counterparty'] as const;

/** HIS programs fill what they do not know with null or ''; both mean absent. `__proto__` would set a prototype, not a member. */
function presentMembers(raw: object): Members {
  const kept: Members = {};
  for (const [name, value] of Object.entries(raw) as [string, unknown][]) {
    if (value !== null && value !== undefined && value !== '' && name !== '__proto__') kept[name] = value;
  }
  return kept;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tidyLine(raw: unknown, isSplitOpen: boolean): unknown {
  if (!isRecord(raw)) return raw;
  const line = presentMembers(raw);
  if (isSplitOpen) line['split'] ??= true;
  const codes = line['codes'];
  if (Array.isArray(codes)) line['codes'] = codes.filter((code) => code !== '' && code !== null);
  return line;
}

/**
 * Copies an event as sent, leaving out empty members; `split` of a split-open line is true unless said otherwise.
 * Wrong types are passed on for the schema to name.
 */
export function withoutEmptyMembers(raw: object): Members {
  const event = presentMembers(raw);
  for (const name of NESTED) {
    const member = event[name];
    if (!isRecord(member)) continue;
    const kept = presentMembers(member);
    if (Object.keys(kept).length > 0) event[name] = kept;
    else Reflect.deleteProperty(event, name);
  }
  const lines = event['lines'];
  const isSplitOpen = event['kind'] === 'split-open';
  if (Array.isArray(lines)) event['lines'] = lines.map((line) => tidyLine(line, isSplitOpen));
  return event;
}
