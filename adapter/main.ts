#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { interpretJson, INTERPRETER, readEvents } from '../connectors/his-rest/index.ts';
import { destinations, sources } from '../connectors/registry.ts';
import { mappings } from '../mappings/registry.ts';
import { demoDay } from '../plugins/demo-hospital/index.ts';
import { parseFaultScript, startSandbox } from '../plugins/sandbox/index.ts';
import { sandboxBanner } from '../plugins/sandbox/command.ts';
import { createActions } from './actions.ts';
import { processIo } from './cli/io.ts';
import { runCli } from './cli/program.ts';
import type { Parts } from './context.ts';
import { playDemo } from './demo/play-demo.ts';
import { openSandbox, type SandboxDoor } from './demo/open-sandbox.ts';
import { TraceError } from './domain/error.ts';
import { packageRoot } from './ops/package-root.ts';

/** The only place that names what the product is made of; everything else takes its parts. */
const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
const parts: Parts = { sources, destinations, mappings, policies: [], rest: { interpreter: INTERPRETER, read: readEvents }, interpretRest: interpretJson };
const sandboxDoor: SandboxDoor = {
  start: async ({ insurancePort, mahPort, faults }) => {
    const script = faults === undefined ? undefined : parseFaultScript(faults);
    if (script !== undefined && script.problems.length > 0) throw new TraceError('USAGE', `故障脚本：${script.problems.join('；')}`);
    const sandbox = await startSandbox({ insurance: { port: insurancePort }, mah: { port: mahPort, partners: 'any-name' }, ...(script?.script === undefined ? {} : { faults: script.script }) });
    return { insurance: sandbox.insurance, mah: sandbox.mah, instructions: sandboxBanner(sandbox), stop: () => sandbox.stop() };
  },
};
const actions = createActions({
  parts, version, sandbox: (options) => openSandbox(options, sandboxDoor), demo: (options) => playDemo(options, {
    parts, version, demoDay,
    // some replies get lost and one call is throttled, so that the day shows what happens then
    startSandbox: () => startSandbox({ mah: { partners: 'any-name' }, faults: { seed: 1, rules: [{ effect: 'dropReplyAfterCommit', probability: 0.03 }, { platform: 'mah', operation: 'uploadretail', calls: 7, effect: 'throttle' }] } }),
  }),
});

process.exitCode = await runCli(process.argv.slice(2), { actions, config: parts, version }, processIo());
