import { chinaIso } from '../domain/china-time.ts';

/** Members whose value is null or undefined are left out of answers. */
export type Present<T> = { readonly [K in keyof T]?: NonNullable<T[K]> };

/** @returns the same members without those that have no value: `{a: 1, b: null}` → `{a: 1}` */
export function present<T extends Readonly<Record<string, unknown>>>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined)) as Present<T>;
}

/** @returns `2026-11-22T09:31:05+08:00`, or undefined where there is no instant */
export function isoOrNone(ms: number | null | undefined): string | undefined {
  return ms === null || ms === undefined ? undefined : chinaIso(ms);
}
