import type { SettingsOf, SettingTable } from '../ports/settings.ts';

/** `products` of an entry under `destinations`: what the trace system answers for. */
export const productSettings = {
  prefixes: { kind: 'list', of: 'text', label: '产品资源码', meaning: '该系统负责的 7 位药品标识码，任意包装级别；也可写文件 file:PATH 一行一个', description: '7-digit product resource codes this system answers for, any package level' },
  gtins: { kind: 'list', of: 'text', label: 'GTIN', meaning: '该系统负责的 GTIN（8–14 位）', description: 'GTINs this system answers for' },
  holders: { kind: 'list', of: 'text', label: '持有人', meaning: '上市许可持有人或生产企业名称，与药品目录中的生产企业比对；仅在产品码都未登记时使用', description: 'names of holders, compared with the manufacturer of the drug catalogue when no product code is listed' },
  others: { kind: 'boolean', label: '其余产品', meaning: '其他系统都不负责的产品由它上报；不填则归属未知的行进入待处理，绝不误报给别的企业', description: 'answers for everything no other system lists; without it such lines need attention' },
} as const satisfies SettingTable;
export type ProductSettings = SettingsOf<typeof productSettings>;
