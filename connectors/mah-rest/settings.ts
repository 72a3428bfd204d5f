import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { holderSettings } from '../shared/holder/settings.ts';

/** Settings of a destination with `connector: mah-rest`. */
export const settings = {
  ...holderSettings,
  baseUrl: { kind: 'url', label: '服务地址', meaning: '代替对接文件中的 baseUrl；各操作的 path 接在它后面', description: 'address of the system; wins over `baseUrl` of the profile, paths are appended to it', example: 'https://trace.example/api' },
  tokenUrl: { kind: 'url', label: '取令牌的地址', meaning: '代替对接文件中的 tokenUrl（auth 为 oauth2 时）', description: 'OAuth2 token endpoint; wins over the one of the profile' },
} as const satisfies SettingTable;

export type MahRestSettings = SettingsOf<typeof settings>;
