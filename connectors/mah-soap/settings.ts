import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { holderSettings } from '../shared/holder/settings.ts';

/** Settings of a destination with `connector: mah-soap`. */
export const settings = {
  ...holderSettings,
  endpoint: { kind: 'url', label: '服务地址', meaning: '代替对接文件（或 WSDL）中的地址', description: 'address of the service; wins over the one in the profile or the WSDL', example: 'https://trace.example/ws/billService' },
  wsdl: { kind: 'text', label: 'WSDL 文件', meaning: '本机上的 WSDL 文件路径，代替对接文件中的；从不到网上去取', description: 'path of a local WSDL file, in place of the one in the profile; never fetched' },
} as const satisfies SettingTable;

export type MahSoapSettings = SettingsOf<typeof settings>;
