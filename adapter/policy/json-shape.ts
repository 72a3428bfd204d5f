export type Json = Readonly<Record<string, unknown>>;
export type Check = (value: unknown) => boolean;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function blank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === '';
}

export function oneOf(choices: readonly unknown[]): Check {
  return (value) => choices.includes(value);
}

/** @returns a check for a list that is not empty */
export function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.length > 0 && value.every((item) => check(item));
}

/** @param shape member → check; `name?` may be left out; a member that is not there is a fault: a mistyped condition would widen a rule */
export function memberFaults(value: Json, shape: Readonly<Record<string, Check>>, place: string): string[] {
  const faults: string[] = [];
  const known = new Set(Object.keys(shape).map((key) => key.replace(/\?$/, '')));
  for (const key of Object.keys(value)) if (!known.has(key)) faults.push(`${place}.${key} is not known`);
  for (const [key, check] of Object.entries(shape)) {
    const name = key.replace(/\?$/, '');
    const given = value[name];
    if (given === undefined) {
      if (!key.endsWith('?')) faults.push(`${place}.${name} is missing`);
    } else if (!check(given)) faults.push(`${place}.${name} is not valid`);
  }
  return faults;
}
