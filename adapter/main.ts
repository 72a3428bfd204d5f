#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHeader } from '../connectors/his-hl7v2/codec/header.ts';
import { interpretRecord } from '../connectors/his-hl7v2/interpret.ts';
import { interpretJson, INTERPRETER, readEvents } from '../connectors/his-rest/index.ts';
import { createSoapIntake, settings as soapSettings, type SoapSettings } from '../connectors/his-soap/index.ts';
import { destinations, sources } from '../connectors/registry.ts';
import { mappings, rowMappings } from '../mappings/registry.ts';
import { loadRowMapping, rowReading } from '../mappings/shared/index.ts';
import { demoDay } from '../plugins/demo-hospital/index.ts';
import { holdersBeside, parseFaultScript, startSandbox } from '../plugins/sandbox/index.ts';
import { destinationsYaml, sandboxBanner } from '../plugins/sandbox/instructions.ts';
import { provinces } from '../plugins/registry.ts';
import { loadPack } from './policy/load-pack.ts';
import { createActions } from './actions.ts';
import { processIo } from './cli/io.ts';
import { runCli } from './cli/program.ts';
import type { Parts, SoapDeps, SoapDoor } from './context.ts';
import { playDemo } from './demo/play-demo.ts';
import { openSandbox, type SandboxDoor } from './demo/open-sandbox.ts';
import { TraceError } from './domain/error.ts';
import { packageRoot } from './ops/package-root.ts';

/** The only place that names what the product is made of; everything else takes its parts. */
const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
/** An HL7 v2 message as payload of a SOAP call is read like one that came over MLLP. */
const openSoap = ({ settings, institutions, clock, log }: SoapDeps): SoapDoor => {
  const own = settings as SoapSettings;
  const mapping = mappings.find(({ name }) => name === own.mapping);
  if (mapping === undefined) throw new TraceError('CONFIG_INVALID', `http.soap.mapping: ${own.mapping}`);
  const codes = institutions.map(({ code }) => code);
  return createSoapIntake({
    settings: own, clock, log,
    hl7: { interpret: (record) => interpretRecord(record, { source: record.source, mapping, institutions: codes, charset: 'utf-8', clock }), controlId: (text) => readHeader(text)?.controlId ?? '' },
  });
};
/** A site's changes to the table of a mapping; its reading of HL7 stays as it is. */
const changedMapping: Parts['changedMapping'] = (mapping, yamlText) => {
  const base = rowMappings.find(({ name }) => name === mapping.name);
  const loaded = base === undefined ? undefined : loadRowMapping(base, yamlText);
  return loaded === undefined || 'problems' in loaded ? loaded : { mapping: { ...mapping, fromRow: rowReading(loaded.mapping) } };
};
const parts: Parts = {
  sources, destinations, mappings, changedMapping, packs: provinces.map((province) => loadPack(province).pack), rest: { interpreter: INTERPRETER, read: readEvents }, interpretRest: interpretJson, soap: openSoap,
  httpSections: { soap: { kind: 'section', fields: soapSettings, label: 'SOAP 接口（POST /soap/his，始终可用）', description: 'the SOAP intake at `POST /soap/his`, always on; see below' } },
};
const sandboxDoor: SandboxDoor = {
  start: async ({ insurancePort, mahPort, faults, stateFile }) => {
    const script = faults === undefined ? undefined : parseFaultScript(faults);
    if (script !== undefined && script.problems.length > 0) throw new TraceError('USAGE', `故障脚本：${script.problems.join('；')}`);
    const sandbox = await startSandbox({ insurance: { port: insurancePort }, mah: { port: mahPort, partners: 'any-name' }, holders: holdersBeside(mahPort, insurancePort), ...(script?.script === undefined ? {} : { faults: script.script }), ...(stateFile === undefined ? {} : { stateFile }) });
    return { insurance: sandbox.insurance, mah: sandbox.mah, instructions: sandboxBanner(sandbox), details: { insurance: sandbox.insurance, mah: sandbox.mah, holders: sandbox.holders, destinations: destinationsYaml(sandbox) }, stop: () => sandbox.stop() };
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
