/** Local times of the HIS server as text, `yyyy-MM-dd HH:mm:ss.fff`: arithmetic without any time zone. */
const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?)?/;

/** @returns the local time moved by `ms`; a text that is no time comes back as it is */
export function localTimePlus(text: string, ms: number): string {
  const at = localMillis(text);
  return at === undefined ? text : new Date(at + ms).toISOString().slice(0, 23).replace('T', ' ');
}

/** @returns milliseconds on a scale of its own, for differences only */
export function localMillis(text: string): number | undefined {
  const match = LOCAL.exec(text);
  if (match === null) return undefined;
  const [, date = '', minute = '00:00', second = '00', fraction = '000'] = match;
  const ms = Date.parse(`${date}T${minute}:${second}.${fraction.padEnd(3, '0')}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
