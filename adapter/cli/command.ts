import type { Command } from 'commander';
import type { Session } from './session.ts';

/** Wraps the action of a command so that its exit code comes out. */
export type Run = <Args extends readonly unknown[]>(action: (...args: Args) => Promise<number> | number) => (...args: Args) => Promise<void>;
/** Adds a command; its action answers the exit code. */
export type AddCommand = (program: Command, session: Session, run: Run) => void;
