import { readFileSync } from 'node:fs';
import { parseFaultScript, startSandbox, type FaultScript, type Sandbox } from './index.ts';

export interface SandboxCommandOptions {
  /** default 9601 */
  readonly insurancePort?: number;
  /** default 9602 */
  readonly mahPort?: number;
  /** path of a fault script, JSON (or whatever `parseDocument` reads) */
  readonly faults?: string;
  /** path of the state file */
  readonly state?: string;
  readonly json?: boolean;
}

export interface SandboxCommandIo {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** ends the platforms */
  readonly signal: AbortSignal;
  /** reads a script's text; the CLI hands in its YAML reader, without one only JSON is read */
  readonly parseDocument?: (text: string) => unknown;
}

const DEFAULT_PORTS = { insurance: 9601, mah: 9602 };

/**
 * `his-trace sandbox`: runs both platforms until the signal comes and prints how to reach them.
 * Enterprises are made up for any name that is looked up, so that a hospital can try its own suppliers.
 * @returns the exit code: 0 ended by the signal, 1 a port or the state file cannot be had, 2 a wrong fault script
 */
export async function runSandboxCommand(options: SandboxCommandOptions, io: SandboxCommandIo): Promise<number> {
  const read = readScript(options.faults, io);
  if ('problems' in read) {
    for (const problem of read.problems) io.err(`故障脚本 ${options.faults ?? ''}:${problem}`);
    return 2;
  }
  let sandbox: Sandbox;
  try {
    sandbox = await startSandbox({
      insurance: { port: options.insurancePort ?? DEFAULT_PORTS.insurance },
      mah: { port: options.mahPort ?? DEFAULT_PORTS.mah, partners: 'any-name' },
      ...(read.script === undefined ? {} : { faults: read.script }),
      ...(options.state === undefined ? {} : { stateFile: options.state }),
    });
  } catch (error) {
    io.err(`模拟平台无法启动:${error instanceof Error ? error.message : String(error)}。请检查端口是否被占用、状态文件是否可写。`);
    return 1;
  }
  io.out(options.json === true ? JSON.stringify(description(sandbox)) : sandboxBanner(sandbox));
  await ended(io.signal);
  await sandbox.stop();
  return 0;
}

function readScript(path: string | undefined, io: SandboxCommandIo): { readonly script: FaultScript | undefined } | { readonly problems: readonly string[] } {
  if (path === undefined) return { script: undefined };
  try {
    const text = readFileSync(path, 'utf8');
    const document = io.parseDocument === undefined ? (JSON.parse(text) as unknown) : io.parseDocument(text);
    const { script, problems } = parseFaultScript(document);
    return problems.length > 0 ? { problems } : { script };
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
}

function description(sandbox: Sandbox): unknown {
  return { insurance: sandbox.insurance, mah: sandbox.mah, admin: { book: 'GET /sandbox/book', faults: 'POST /sandbox/faults', reset: 'POST /sandbox/reset' }, destinations: destinationsYaml(sandbox) };
}

/** @returns how to reach the platforms, in Chinese, with the configuration to paste */
export function sandboxBanner(sandbox: Pick<Sandbox, 'insurance' | 'mah'>): string {
  const { insurance, mah } = sandbox;
  return [
    '模拟平台已启动(仅供验收与演练,不连接任何真实平台)。按 Ctrl+C 结束。',
    `  医保平台   ${insurance.url}   paasId=${insurance.paasId}`,
    `  追溯平台   ${mah.url}   appKey=${mah.appKey}`,
    `  查看收到的数据 GET ${insurance.url}/sandbox/book 、 GET ${new URL(mah.url).origin}/sandbox/book;设置故障 POST …/sandbox/faults;清空 POST …/sandbox/reset`,
    '',
    '先设置环境变量:',
    `  export NHSA_TOKEN='${insurance.paasToken}'`,
    `  export TOP_SECRET='${mah.appSecret}'`,
    '再把下面内容粘贴到 his-trace.yaml:',
    '',
    destinationsYaml(sandbox),
    `# institutions 中本院一项的 mah 填:{ entId: "${mah.entId}", refEntId: "${mah.refEntId}" }`,
  ].join('\n');
}

/** The `destinations:` part of a configuration that reports to this sandbox. */
export function destinationsYaml(sandbox: Pick<Sandbox, 'insurance' | 'mah'>): string {
  return [
    'destinations:',
    '  insurance:',
    '    connector: nhsa',
    '    transport: rest',
    `    baseUrl: "${sandbox.insurance.url}"`,
    '    profile: national',
    `    paasId: "${sandbox.insurance.paasId}"`,
    '    paasToken: "${NHSA_TOKEN}"',
    '    digest: sha256',
    '    sign: none',
    '    encrypt: none',
    '    signIn: true',
    '    operator: { type: "1", code: "001", name: 系统 }',
    '    recerSysCode: YBXT',
    '  mah:',
    '    connector: mah-alihealth',
    `    gateway: "${sandbox.mah.url}"`,
    `    appKey: "${sandbox.mah.appKey}"`,
    '    appSecret: "${TOP_SECRET}"',
    '    signMethod: hmac-sha256',
  ].join('\n');
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => { resolve(); }, { once: true });
  });
}
