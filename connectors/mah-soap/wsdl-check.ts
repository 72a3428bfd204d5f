import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { compileXPath, parseXmlReply } from '../shared/reply/xml-reply.ts';

const MAX_FILES = 50;
const imports = compileXPath('//@schemaLocation | //*[local-name()="import"]/@location', {});
const operations = compileXPath('//portType/operation/@name', {});
const addresses = compileXPath('//service/port/address/@location', {});

export interface WsdlFacts {
  readonly operations: readonly string[];
  /** addresses of the ports, for a profile that names no endpoint */
  readonly addresses: readonly string[];
}

/**
 * Looks at a WSDL and everything it imports before the soap package does: local files only (it would fetch others from the
 * network), no DOCTYPE. @returns what it offers, or in Chinese what is wrong
 */
export function checkWsdl(file: string): { readonly facts: WsdlFacts } | { readonly problem: string } {
  const waiting = [file];
  const seen = new Set<string>();
  const facts = { operations: [] as string[], addresses: [] as string[] };
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (seen.size > MAX_FILES) return { problem: `WSDL 引用的文件超过 ${String(MAX_FILES)} 个` };
    if (!existsSync(next)) return { problem: `找不到 WSDL 文件 ${next}` };
    const parsed = parseXmlReply(readFileSync(next, 'utf8'));
    if (parsed.kind === 'unreadable') return { problem: `${next}：${parsed.why.replace('应答', '文件')}` };
    facts.operations.push(...operations(parsed.tree));
    facts.addresses.push(...addresses(parsed.tree));
    for (const location of imports(parsed.tree)) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return { problem: `${next} 引用了网上的文件 ${location.slice(0, 120)}：请下载到本机并改成本机文件名` };
      waiting.push(resolve(dirname(next), location));
    }
  }
  return { facts };
}
