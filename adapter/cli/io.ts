import { createInterface } from 'node:readline/promises';
import { userInfo } from 'node:os';

/** What the command line needs of the process it runs in; tests give their own. */
export interface CliIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** a person is looking at the output */
  readonly tty: boolean;
  /** a person can be asked: both ends are a terminal */
  readonly canAsk: boolean;
  /** columns of the terminal */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** who works, for the record */
  readonly user: string;
  now(): number;
  /** Asks the person; undefined when nobody can answer: no terminal, Ctrl-D, Ctrl-C. */
  ask(question: string): Promise<string | undefined>;
  /** Resolves when the process was asked to end (Ctrl-C, SIGTERM). A second request ends it at once. */
  untilStopped(): Promise<void>;
  /** Ends the process at once, for a stop that takes too long. What was acknowledged is on disk, so nothing is lost. */
  abandon(): void;
}

/** @returns the io of this process */
export function processIo(): CliIo {
  // a reader that went away (`his-trace summary | head`) is no fault
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return {
    out: (text) => { process.stdout.write(text); },
    err: (text) => { process.stderr.write(text); },
    tty: process.stdout.isTTY,
    canAsk: process.stdin.isTTY && process.stdout.isTTY,
    columns: process.stdout.columns || 100,
    env: process.env,
    cwd: process.cwd(),
    user: userName(),
    now: () => Date.now(),
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      // Ctrl-D and Ctrl-C close it: some versions of Node then reject the question, others never answer it
      const closed = new Promise<undefined>((resolve) => { lines.once('close', () => { resolve(undefined); }); });
      try {
        const answer = await Promise.race([lines.question(question).catch(() => undefined), closed]);
        if (answer === undefined) process.stdout.write('\n');
        return answer;
      } finally {
        lines.close();
      }
    },
    untilStopped: () => new Promise((resolve) => {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      const onSignal = (): void => {
        for (const signal of signals) process.off(signal, onSignal);
        resolve();
      };
      for (const signal of signals) process.on(signal, onSignal);
    }),
    abandon: () => { process.kill(process.pid, 'SIGKILL'); },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // an id without an entry in the user table
  }
}
