/** What a template can name: texts, flags, moments, further models, and lists of models. */
export type Value = string | number | boolean | Moment | Model | readonly Model[] | undefined;
export interface Model { readonly [name: string]: Value }

/** An instant; written in China time whatever the host's zone. */
export class Moment {
  constructor(readonly ms: number) {}
}

/** The names a model has, so that a misspelt one is found when the profile is read and not when a report goes out. */
export interface Shape { readonly [name: string]: ShapeEntry }
/** `any` = a map with names of the site's own; a shape in brackets = a list */
export type ShapeEntry = 'value' | 'any' | Shape | readonly [Shape];

/** What is wrong with a template, in Chinese; found when a profile is read. */
export class TemplateFault extends Error {}

/** A template that cannot be filled from this report: a required value is missing, a text has no counterpart in a map. Nothing is sent. */
export class FillFault extends Error {}

/** @returns the value under a dotted path, undefined when a part of it is absent */
export function valueAt(scope: Model, path: readonly string[]): Value {
  let at: Value = scope;
  for (const name of path) {
    if (typeof at !== 'object' || at instanceof Moment || isList(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

export function isList(value: Value): value is readonly Model[] {
  return Array.isArray(value);
}

/** @returns the entry of a shape under a path, or undefined when there is no such name */
export function shapeAt(shape: Shape, path: readonly string[]): ShapeEntry | undefined {
  let at: ShapeEntry = shape;
  for (const name of path) {
    if (at === 'any') return 'any';
    if (at === 'value' || isListShape(at) || !Object.hasOwn(at, name)) return undefined;
    const next: ShapeEntry | undefined = at[name];
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}

export function isListShape(entry: ShapeEntry): entry is readonly [Shape] {
  return Array.isArray(entry);
}

/** @returns whether a value counts as given */
export function isGiven(value: Value): boolean {
  if (value === undefined || value === '' || value === false) return false;
  return !isList(value) || value.length > 0;
}
