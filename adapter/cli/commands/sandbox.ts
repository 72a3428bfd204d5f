import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { faultName } from '../../config/substitute.ts';
import { wholeNumber } from '../option-values.ts';
import type { AddCommand } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { runUntilStopped } from './run-until-stopped.ts';

interface SandboxFlags { readonly host: string; readonly insurancePort: string; readonly mahPort: string; readonly faults?: string; readonly state?: string }

const PORTS = { min: 0, max: 65_535 };

/** `sandbox`: only the fake platforms, with a script of faults. */
export const addSandbox: AddCommand = (program, session, run) => {
  program.command('sandbox')
    .description(session.say('只运行内置的模拟平台（医保、追溯），可按脚本制造故障', 'run only the built-in fake platforms, with a fault script'))
    .option('--host <address>', session.say('监听地址', 'address to listen on'), '127.0.0.1')
    .option('--insurance-port <port>', session.say('模拟医保平台端口，默认 8691', 'port of the fake insurance platform, default 8691'), '8691')
    .option('--mah-port <port>', session.say('模拟追溯平台端口，默认 8692', 'port of the fake MAH system, default 8692'), '8692')
    .option('--faults <file>', session.say('故障脚本（JSON）', 'fault script (JSON)'))
    .option('--state <file>', session.say('状态文件：重启后平台仍记得已收到的数据', 'state file: the platforms remember what they have across a restart'))
    .action(run(async (flags: SandboxFlags) => {
      const insurancePort = wholeNumber('--insurance-port', flags.insurancePort, PORTS);
      const mahPort = wholeNumber('--mah-port', flags.mahPort, PORTS);
      const faults = flags.faults === undefined ? undefined : readScript(resolve(session.io.cwd, flags.faults), flags.faults);
      const stopped = session.io.untilStopped();
      const running = await session.parts.actions.sandbox({
        host: flags.host, insurancePort, mahPort, ...(faults === undefined ? {} : { faults }), ...(flags.state === undefined ? {} : { stateFile: resolve(session.io.cwd, flags.state) }), terminal: session.terminal, language: session.language,
      });
      return runUntilStopped(session, running, stopped);
    }));
};

function readScript(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`读不到故障脚本 ${shown}（${faultName(error)}）`, `cannot read the fault script ${shown} (${faultName(error)})`);
  }
}
