import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Sandbox, SandboxOptions } from '../../plugins/sandbox/index.ts';

interface PlatformCounts { readonly entries: number; readonly calls: number; readonly doubles: number }
export interface SandboxCounts { readonly throttled: number; readonly insurance: PlatformCounts; readonly mah: PlatformCounts }

/** The sandbox in another process. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly platforms: Pick<Sandbox, 'insurance' | 'mah'>;

  private constructor(child: ChildProcess, platforms: Pick<Sandbox, 'insurance' | 'mah'>) {
    this.#child = child;
    this.platforms = platforms;
  }

  static async start(options: SandboxOptions): Promise<SandboxProcess> {
    const child = fork(new URL('./sandbox-child.ts', import.meta.url), [JSON.stringify(options)], { execArgv: ['--import', 'tsx'] });
    const [{ ready }] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) }) as [{ ready: Pick<Sandbox, 'insurance' | 'mah'> }];
    return new SandboxProcess(child, ready);
  }

  async counts(): Promise<SandboxCounts> {
    this.#child.send('counts');
    const [{ counts }] = await once(this.#child, 'message', { signal: AbortSignal.timeout(10_000) }) as [{ counts: SandboxCounts }];
    return counts;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
