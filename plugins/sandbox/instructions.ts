import type { Sandbox } from './index.ts';
import { HOLDER_NAMES } from './mah-soap/holders.ts';

/** @returns how to reach the platforms, in Chinese, with the configuration to paste */
export function sandboxBanner(sandbox: Pick<Sandbox, 'insurance' | 'mah'> & Partial<Pick<Sandbox, 'holders'>>): string {
  const { insurance, mah } = sandbox;
  return [
    '模拟平台已启动(仅供验收与演练,不连接任何真实平台)。按 Ctrl+C 结束。',
    `  医保平台   ${insurance.url}   paasId=${insurance.paasId}`,
    `  追溯平台   ${mah.url}   appKey=${mah.appKey}`,
    ...holderLines(sandbox.holders ?? {}),
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

const HOLDER_TITLES = { 'mah-soap': '持有人甲(SOAP 单字符串)', 'mah-typed': '持有人乙(SOAP WSDL)  ', 'mah-rest': '丙平台(REST + SM3)  ' } as const;

/** The holders' systems; their profiles come with the product, address and account go into the entry of the configuration. */
function holderLines(holders: Sandbox['holders']): readonly string[] {
  return HOLDER_NAMES.flatMap((name) => {
    const holder = holders[name];
    return holder === undefined ? [] : [`  ${HOLDER_TITLES[name]}   ${holder.url}   user=${holder.user} password=${holder.password}${name === 'mah-rest' ? ` signKey=${holder.signKey}` : ''} values={ orgCode: ${holder.orgCode} }`];
  });
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
