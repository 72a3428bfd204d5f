import type { ProvinceFolder } from '../adapter/ports/province-pack.ts';
import { province as fujian } from './province-fujian/index.ts';
import { province as hebei } from './province-hebei/index.ts';

/** Every province whose rules are on board; `institutions[].province` names one of them. */
export const provinces: readonly ProvinceFolder[] = [fujian, hebei];
