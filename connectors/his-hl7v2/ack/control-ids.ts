import { randomBytes } from 'node:crypto';

/** Fresh MSH-10 values for our acknowledgements, at most 20 characters, unique over restarts. */
export interface ControlIds {
  next(): string;
  /** whether an id was made by this object */
  made(id: string): boolean;
}

export function createControlIds(): ControlIds {
  const prefix = `HT${randomBytes(5).toString('hex').toUpperCase()}`;
  let counter = 0;
  return {
    next(): string {
      counter += 1;
      return prefix + counter.toString(36).toUpperCase();
    },
    made: (id) => id.startsWith(prefix),
  };
}
