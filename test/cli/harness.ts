import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actions } from '../../adapter/cli/actions.ts';
import type { CliIo } from '../../adapter/cli/io.ts';
import { runCli } from '../../adapter/cli/program.ts';
import { PARTS, SITE } from '../config/parts.ts';

export interface CliRun { readonly exit: number; readonly out: string; readonly err: string; /** the JSON lines of a run with --json */ readonly json: readonly Readonly<Record<string, unknown>>[] }

const unexpected = (name: string) => (): never => {
  throw new Error(`action ${name} was not expected`);
};

/** Actions that must not be called, unless a test says otherwise. */
function actionsWith(given: Partial<Actions>): Actions {
  const names = ['start', 'probe', 'dryRun', 'preview', 'registerCertificate', 'sandbox', 'demo', 'createToken', 'listTokens', 'revokeToken', 'importDrugs', 'switchDestination', 'listQuarantine', 'retryQuarantine', 'resend', 'summary'] as const;
  return { ...(Object.fromEntries(names.map((name) => [name, unexpected(name)])) as unknown as Actions), verify: () => Promise.resolve([]), ...given };
}

/** A folder with a configuration in it, and a command line that runs there. */
export class CliFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'his-trace-cli-'));

  /** @param config '' = no configuration file */
  constructor(config: string = CONFIG) {
    if (config !== '') this.write('his-trace.yaml', config);
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.path, name), content);
  }

  async run(words: readonly string[], actions: Partial<Actions> = {}, io: Partial<CliIo> = {}): Promise<CliRun> {
    let out = '';
    let err = '';
    const exit = await runCli(words, { actions: actionsWith(actions), config: PARTS, version: '1.2.3' }, {
      out: (text) => { out += text; }, err: (text) => { err += text; }, tty: false, canAsk: io.tty === true, columns: 100, env: {}, cwd: this.path, user: 'it-1',
      now: () => Date.parse('2026-11-22T18:00:00Z'), ask: () => Promise.resolve(undefined), untilStopped: () => Promise.resolve(),
      abandon: () => { throw new Error('abandoned'); }, ...io,
    });
    const json = words.includes('--json') ? out.trimEnd().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>) : [];
    return { exit, out, err, json };
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** One institution, one source, one destination. */
export const CONFIG = `${SITE}
sources: { his-hl7: { connector: his-hl7v2 } }
destinations: { insurance: { connector: nhsa, baseUrl: "http://h:1", token: "file:token.txt" } }
`;
