/**
 * Keeps patients and secrets out of the log whatever a caller passes in: fields with telling names are blanked, identity
 * numbers inside texts are masked. A net, not a licence: callers leave such data out to begin with.
 */
const BLANKED = new Set([
  'patient', 'patientname', 'patientid', 'operator', 'prescriber', 'person', 'personno', 'psnname', 'psnno', 'psncertno', 'certno', 'idno', 'idnumber', 'idcard',
  'phone', 'tel', 'mobile', 'address', 'birthday', 'visitno', 'mdtrtsn', 'setlid', 'settlementid', 'operatorname', 'prescribername', 'pharname', 'prscdrname',
  'body', 'payload', 'raw', 'password', 'secret', 'token', 'appsecret', 'authorization', 'cookie', 'passphrase', 'privatekey', 'connectionstring',
]);
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_000;
/** 18 characters of a citizen identity number: region, date of birth, sequence, check character */
const IDENTITY_NUMBER = /(?<![0-9A-Za-z])(\d{6})((?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\d{3}[\dXx](?![0-9A-Za-z])/g;

/** @returns the fields as plain JSON data: bounded, without patient data, errors written out */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactMembers(fields, 0);
}

/** @returns the text with identity numbers masked and cut to a bearable length */
export function redactText(text: string): string {
  const masked = text.replace(IDENTITY_NUMBER, '$1************');
  return masked.length > MAX_TEXT ? `${masked.slice(0, MAX_TEXT)}… (${String(masked.length)} characters)` : masked;
}

function redactMembers(value: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value).slice(0, MAX_ITEMS)) {
    const blank = BLANKED.has(key.toLowerCase().replace(/[-_]/g, ''));
    const plain = blank && member !== undefined && member !== null && member !== '' ? '[redacted]' : redactValue(member, depth + 1);
    if (plain !== undefined) Object.defineProperty(shown, key, { value: plain, enumerable: true, configurable: true, writable: true });
  }
  return shown;
}

function redactValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string': return redactText(value);
    case 'bigint': return value.toString();
    case 'number': return Number.isFinite(value) ? value : String(value);
    case 'boolean': case 'undefined': return value;
    case 'function': case 'symbol': return `[${typeof value}]`;
    default: return value === null ? null : redactObject(value as object, depth);
  }
}

function redactObject(value: object, depth: number): unknown {
  if (depth > MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item: unknown) => redactValue(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `… ${String(value.length - MAX_ITEMS)} more`] : items;
  }
  if (value instanceof Map) return redactMembers(Object.fromEntries([...value].slice(0, MAX_ITEMS).map(([key, member]: [unknown, unknown]) => [String(key), member])), depth);
  if (value instanceof Set) return redactValue([...value as ReadonlySet<unknown>], depth);
  return redactMembers(value, depth);
}

/** winston writes a nested Error as `{}`; here it keeps what helps to find the fault. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const code = (error as { code?: unknown }).code;
  const inner = error instanceof AggregateError ? error.errors as readonly unknown[] : [];
  return {
    name: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack.split('\n').slice(1, 9).map((line) => line.trim()).join(' < ')) }),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
    ...(inner.length === 0 ? {} : { errors: redactValue(inner, depth + 1) }),
  };
}
