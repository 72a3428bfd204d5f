import type { Running, SandboxOptions } from '../cli/actions.ts';
import { UsageError } from '../cli/usage-error.ts';

/** What the command needs of the fake platforms; plugins/sandbox provides it. */
export interface SandboxDoor {
  start(options: { readonly insurancePort: number; readonly mahPort: number; readonly faults: unknown; readonly stateFile: string | undefined }): Promise<{
    readonly insurance: { readonly url: string };
    readonly mah: { readonly url: string };
    /** how to reach them, for a person: addresses, secrets to export, the `destinations:` part to paste */
    readonly instructions: string;
    /** the same for a program */
    readonly details: Readonly<Record<string, unknown>>;
    stop(): Promise<void>;
  }>;
}

/** `his-trace sandbox`: only the fake platforms, on the loopback interface. */
export async function openSandbox(options: SandboxOptions, door: SandboxDoor): Promise<Running> {
  if (options.host !== '127.0.0.1' && options.host !== 'localhost') throw new UsageError('模拟平台只在本机监听：--host 只能是 127.0.0.1 或 localhost', 'the fake platforms listen on this machine only: --host has to be 127.0.0.1 or localhost');
  const sandbox = await door.start({ insurancePort: options.insurancePort, mahPort: options.mahPort, faults: readFaults(options.faults), stateFile: options.stateFile });
  options.terminal.out(`${options.terminal.json ? JSON.stringify({ step: 'sandbox', ...sandbox.details }) : sandbox.instructions}\n`);
  return {
    addresses: [{ what: 'insurance', address: sandbox.insurance.url }, { what: 'mah', address: sandbox.mah.url }],
    stop: () => sandbox.stop(),
  };
}

function readFaults(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`故障脚本不是 JSON：${(error as Error).message}`, `the fault script is not JSON: ${(error as Error).message}`);
  }
}
