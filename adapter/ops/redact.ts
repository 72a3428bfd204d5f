/**
 * Keeps patients and secrets out of the log whatever a caller passes in: fields with telling names are blanked, identity
 * numbers inside texts are masked. A net, not a licence: callers leave such data out to begin with.
 */
const BLANKED = new Set([
  'patient', 'patientname', 'patientid', 'patientno', 'operator', 'prescriber', 'person', 'personno', 'psnname', 'psnno', 'psncertno', 'certno', 'idno', 'idnumber', 'idcard', 'cardno',
  'phone', 'phoneno', 'phonenumber', 'tel', 'telno', 'telephone', 'mobile', 'mobilephone', 'homeaddress', 'birthday', 'birthdate', 'dateofbirth', 'contact', 'contactname', 'visitno', 'mdtrtsn', 'setlid', 'settlementid', 'operatorname', 'prescribername', 'pharname', 'prscdrname',
  'body', 'payload', 'raw', 'password', 'secret', 'token', 'appsecret', 'authorization', 'cookie', 'passphrase', 'privatekey', 'connectionstring',
]);
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_000;
/** Where somebody lives is blanked; where a machine listens an operator needs. */
const MAY_BE_MACHINE = new Set(['address', 'addr']);
/** an IP address or host with a port, an address with a scheme, a bare IP address; letters of people's languages never */
const MACHINE = /^(?:[a-z][a-z0-9+.-]{0,15}:\/\/[\w.:[\]-]{1,255}(?:\/[\w./-]{0,100})?|(?:[\w-]+\.){0,10}[\w-]+:\d{1,5}|\[[\da-f:.]{2,45}\](?::\d{1,5})?|(?:\d{1,3}\.){3}\d{1,3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:(?:\d{1,3}\.){3}\d{1,3})?|localhost)$/i;
/** segments of HL7 that hold people, up to the end of the segment, whatever way the break was written */
const HL7_PEOPLE = /(?<=^|[^A-Za-z0-9]|\\[rn])(PID|PD1|NK1|GT1|IN1|IN2|IN3|PV1|MRG|STF|ZPI)\|(?:(?!\\[rnX]|\r|\n|\u000B|\u001C|&#(?:13|10|x0?[aAdD]);).)+/gs;
/** members of JSON and elements of XML inside a text */
const NAMED = /(["']?)(\b[A-Za-z][\w-]{1,40})\1(\s*[:=]\s*\\?)(["'])((?:\\.|(?!\4).){0,400}?)(\\?\4)/g;
const ELEMENT = /(<|&lt;)([A-Za-z][\w:.-]{1,60})(?:\s[^<>]{0,200})?(>|&gt;)([^<&]{1,400})(?=<|&lt;)/g;
/** names of people stand under `name` where the member above is a person, which a text does not tell: inside texts it is blanked too */
const NAMED_IN_TEXT = new Set(['name', 'xm', 'hzxm', 'sfzh', 'opername', 'contactphone', 'address']);
/** mainland mobile numbers */
const MOBILE = /(?<![0-9A-Za-z.])(?:\+?86[- ]?)?1[3-9]\d{9}(?![0-9A-Za-z])/g;
/** 15 digits of the first generation of citizen identity numbers */
const OLD_IDENTITY_NUMBER = /(?<![0-9A-Za-z])[1-8]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![0-9A-Za-z])/g;
/** 18 characters of a citizen identity number: region, date of birth, sequence, check character */
const IDENTITY_NUMBER = /(?<![0-9A-Za-z])(\d{6})((?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\d{3}[\dXx](?![0-9A-Za-z])/g;

/** @returns the fields as plain JSON data: bounded, without patient data, errors written out */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactMembers(fields, 0);
}

const nameOf = (key: string): string => key.toLowerCase().replace(/[-_]/g, '');
const blankInText = (key: string): boolean => { const name = nameOf(key.split(':').at(-1) ?? key); return BLANKED.has(name) || NAMED_IN_TEXT.has(name); };

/**
 * @returns the text without people: identity numbers and mobile numbers masked, HL7 segments and named members that hold
 *   people blanked; cut to a bearable length
 */
export function redactText(text: string): string {
  const bounded = text.length > MAX_TEXT * 4 ? text.slice(0, MAX_TEXT * 4) : text;
  const masked = bounded
    .replace(HL7_PEOPLE, '$1|[redacted]')
    .replace(NAMED, (whole, quote: string, key: string, between: string, open: string, _value: string, close: string) => (blankInText(key) ? `${quote}${key}${quote}${between}${open}[redacted]${close}` : whole))
    .replace(ELEMENT, (whole: string, _open: string, key: string, _close: string, value: string) => (blankInText(key) ? `${whole.slice(0, whole.length - value.length)}[redacted]` : whole))
    .replace(IDENTITY_NUMBER, '$1************').replace(OLD_IDENTITY_NUMBER, '[id]').replace(MOBILE, '[phone]');
  return masked.length > MAX_TEXT ? `${masked.slice(0, MAX_TEXT)}… (${String(text.length)} characters)` : masked;
}

function redactMembers(value: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value).slice(0, MAX_ITEMS)) {
    const name = nameOf(key);
    const blank = BLANKED.has(name) || (MAY_BE_MACHINE.has(name) && !(typeof member === 'string' && MACHINE.test(member)));
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
