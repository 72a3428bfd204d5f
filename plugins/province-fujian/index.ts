import type { ProvinceFolder } from '../../adapter/ports/province-pack.ts';

/** The rules stand in pack.json, article by article in articles.json; the product reads them (adapter/policy). */
export const province: ProvinceFolder = { name: 'fujian', folder: 'province-fujian' };
