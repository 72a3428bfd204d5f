/** One medical institution (定点医药机构) as configured: who we speak for. */
export interface Institution {
  /** fixmedins_code, 12 characters */
  readonly code: string;
  readonly name: string;
  /** 医保区划 mdtrtarea_admvs, 6 digits */
  readonly region: string;
  /** policy pack in plugins/, for example `fujian` */
  readonly province?: string;
  /** hospital level 1..3 */
  readonly level?: number;
  /** both ids from getentinfolist; never copied from one to the other */
  readonly mah?: { readonly entId?: string; readonly refEntId?: string };
}
