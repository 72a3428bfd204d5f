import type { Drug, Exemption } from '../../adapter/domain/drug.ts';

/** How the hospital uses a drug. */
export type DrugUse = 'packs' | 'tablets' | 'injection' | 'exempt' | 'import';

export interface DemoDrug {
  readonly drug: Drug;
  readonly use: DrugUse;
}

/** name, specification, form, pack unit, smallest unit, units per pack, prescription flag, price of a pack */
type Row = readonly [string, string, string, string, string, number, string, string];

const PACKS: readonly Row[] = [
  ['阿莫西林胶囊', '0.25g*24粒', '胶囊剂', '盒', '粒', 24, '1', '12.5'], ['布洛芬缓释胶囊', '0.3g*20粒', '胶囊剂', '盒', '粒', 20, '0', '18.6'],
  ['奥美拉唑肠溶胶囊', '20mg*14粒', '胶囊剂', '盒', '粒', 14, '1', '21.3'], ['蒙脱石散', '3g*10袋', '散剂', '盒', '袋', 10, '0', '15.8'],
  ['连花清瘟颗粒', '6g*10袋', '颗粒剂', '盒', '袋', 10, '0', '24.9'], ['感冒灵颗粒', '10g*9袋', '颗粒剂', '盒', '袋', 9, '0', '11.2'],
  ['复方甘草口服溶液', '100ml', '口服溶液剂', '瓶', '瓶', 1, '1', '8.4'], ['氨溴索口服溶液', '100ml:0.6g', '口服溶液剂', '瓶', '瓶', 1, '1', '19.7'],
  ['开塞露', '20ml*2支', '灌肠剂', '盒', '支', 2, '0', '3.6'], ['红霉素软膏', '10g', '软膏剂', '支', '支', 1, '0', '4.5'],
  ['莫匹罗星软膏', '5g', '软膏剂', '支', '支', 1, '1', '16.9'], ['左氧氟沙星滴眼液', '5ml:24.4mg', '滴眼剂', '支', '支', 1, '1', '13.7'],
  ['沙丁胺醇吸入气雾剂', '100μg*200揿', '吸入剂', '支', '支', 1, '1', '22.8'], ['布地奈德吸入粉雾剂', '0.1mg*200吸', '吸入剂', '支', '支', 1, '1', '98.5'],
  ['胰岛素笔芯', '3ml:300单位', '注射剂', '支', '支', 1, '1', '46.3'], ['二甲双胍缓释片', '0.5g*30片', '片剂', '盒', '片', 30, '1', '27.4'],
  ['格列美脲片', '2mg*15片', '片剂', '盒', '片', 15, '1', '33.1'], ['瑞舒伐他汀钙片', '10mg*7片', '片剂', '盒', '片', 7, '1', '25.6'],
  ['氯沙坦钾片', '50mg*7片', '片剂', '盒', '片', 7, '1', '29.9'], ['硝苯地平控释片', '30mg*7片', '片剂', '盒', '片', 7, '1', '31.2'],
  ['美托洛尔缓释片', '47.5mg*7片', '片剂', '盒', '片', 7, '1', '17.8'], ['氯吡格雷片', '75mg*7片', '片剂', '盒', '片', 7, '1', '38.5'],
  ['孟鲁司特钠片', '10mg*5片', '片剂', '盒', '片', 5, '1', '26.0'], ['氯雷他定片', '10mg*6片', '片剂', '盒', '片', 6, '2', '14.1'],
  ['复方丹参滴丸', '27mg*180丸', '滴丸剂', '瓶', '丸', 180, '2', '23.3'], ['板蓝根颗粒', '10g*20袋', '颗粒剂', '包', '袋', 20, '0', '12.0'],
  ['藿香正气口服液', '10ml*10支', '口服液', '盒', '支', 10, '0', '16.5'], ['云南白药气雾剂', '85g+30g', '气雾剂', '套', '套', 1, '0', '37.9'],
  ['多烯磷脂酰胆碱胶囊', '228mg*36粒', '胶囊剂', '盒', '粒', 36, '2', '52.7'], ['双歧杆菌三联活菌胶囊', '210mg*36粒', '胶囊剂', '盒', '粒', 36, '2', '35.4'],
  ['铝碳酸镁咀嚼片', '0.5g*20片', '片剂', '盒', '片', 20, '0', '22.1'], ['坦索罗辛缓释胶囊', '0.2mg*10粒', '胶囊剂', '盒', '粒', 10, '1', '48.8'],
  ['甲钴胺片', '0.5mg*20片', '片剂', '盒', '片', 20, '1', '26.6'], ['碳酸钙D3片', '600mg*30片', '片剂', '瓶', '片', 30, '0', '33.8'],
  ['玻璃酸钠滴眼液', '5ml:5mg', '滴眼剂', '支', '支', 1, '1', '36.2'],
];
const TABLETS: readonly Row[] = [
  ['阿司匹林肠溶片', '25mg*100片', '片剂', '瓶', '片', 100, '1', '9.8'], ['泼尼松片', '5mg*100片', '片剂', '瓶', '片', 100, '1', '11.5'],
  ['维生素C片', '0.1g*100片', '片剂', '瓶', '片', 100, '0', '5.2'], ['复合维生素B片', '100片', '片剂', '瓶', '片', 100, '0', '6.3'],
  ['呋塞米片', '20mg*100片', '片剂', '瓶', '片', 100, '1', '8.9'], ['螺内酯片', '20mg*100片', '片剂', '瓶', '片', 100, '1', '13.4'],
  ['地高辛片', '0.25mg*30片', '片剂', '盒', '片', 30, '1', '15.6'], ['氯化钾缓释片', '0.5g*24片', '片剂', '盒', '片', 24, '1', '10.7'],
  ['艾司唑仑片', '1mg*20片', '片剂', '盒', '片', 20, '1', '7.7'], ['多潘立酮片', '10mg*30片', '片剂', '盒', '片', 30, '2', '19.9'],
];
const INJECTIONS: readonly Row[] = [
  ['注射用头孢呋辛钠', '0.75g*10支', '注射剂', '盒', '支', 10, '1', '68.0'], ['注射用哌拉西林钠他唑巴坦钠', '4.5g*5支', '注射剂', '盒', '支', 5, '1', '145.5'],
  ['呋塞米注射液', '2ml:20mg*10支', '注射剂', '盒', '支', 10, '1', '22.4'], ['地塞米松磷酸钠注射液', '1ml:5mg*10支', '注射剂', '盒', '支', 10, '1', '14.8'],
  ['盐酸氨溴索注射液', '2ml:15mg*5支', '注射剂', '盒', '支', 5, '1', '33.6'], ['注射用泮托拉唑钠', '40mg*5支', '注射剂', '盒', '支', 5, '1', '58.2'],
  ['低分子肝素钠注射液', '0.4ml:5000单位*2支', '注射剂', '盒', '支', 2, '1', '76.0'], ['葡萄糖酸钙注射液', '10ml:1g*5支', '注射剂', '盒', '支', 5, '1', '18.3'],
];
const EXEMPT: readonly (readonly [Row, Exemption])[] = [
  [['黄芪', '饮片', '中药饮片', '克', '克', 1, '1', '0.12'], 'slices'], [['当归', '饮片', '中药饮片', '克', '克', 1, '1', '0.18'], 'slices'],
  [['甘草', '饮片', '中药饮片', '克', '克', 1, '1', '0.05'], 'slices'], [['黄芩配方颗粒', '1g相当于饮片5g', '配方颗粒', '袋', '袋', 1, '1', '1.6'], 'granules'],
  [['复方硼砂漱口液', '250ml', '院内制剂', '瓶', '瓶', 1, '1', '6.0'], 'inhouse'], [['医用氧（气态）', '40L', '气体', '瓶', '瓶', 1, '1', '25.0'], 'oxygen'],
];
const IMPORTS: readonly Row[] = [['进口达格列净片', '10mg*14片', '片剂', '盒', '片', 14, '1', '61.8']];

/** GTIN of the imported drug, in a range that no company holds; the last digit is its check digit. */
export const IMPORT_GTIN = '08999000000016';

/** A drug that lines name although the catalogue does not hold it yet. */
export const UNKNOWN_DRUG = { id: 'YP90001', name: '新进药品（目录未登记）', prefix: '8999199' } as const;

/** @returns the drugs of the demonstration hospital with the use each is put to */
export function demoCatalogue(): readonly DemoDrug[] {
  const rows: readonly { readonly row: Row; readonly use: DrugUse; readonly exemption?: Exemption }[] = [
    ...PACKS.map((row) => ({ row, use: 'packs' as const })), ...TABLETS.map((row) => ({ row, use: 'tablets' as const })),
    ...INJECTIONS.map((row) => ({ row, use: 'injection' as const })), ...EXEMPT.map(([row, exemption]) => ({ row, use: 'exempt' as const, exemption })),
    ...IMPORTS.map((row) => ({ row, use: 'import' as const })),
  ];
  return rows.map(({ row, use, exemption }, index) => ({ use, drug: drugOf(row, index + 1, { use, exemption }) }));
}

function drugOf(row: Row, number: number, of: { readonly use: DrugUse; readonly exemption: Exemption | undefined }): Drug {
  const [name, spec, form, packUnit, smallestUnit, unitsPerPack, rxFlag, price] = row;
  const two = String(number).padStart(2, '0');
  const base: Drug = {
    drug: `YP${String(number).padStart(5, '0')}`, name, spec, form, packUnit, smallestUnit, unitsPerPack, rxFlag, price,
    manufacturer: number % 2 === 0 ? '示范制药有限公司' : '演示药业股份有限公司', approvalNo: `国药准字H8999${String(number).padStart(4, '0')}`,
    medListCode: `XA00DEMO89990000${String(number).padStart(4, '0')}`,
  };
  if (of.exemption !== undefined) return { ...base, exemption: of.exemption };
  if (of.use === 'import') return { ...base, manufacturer: 'Demo Pharma GmbH', approvalNo: '国药准字HJ89990001', gtin: IMPORT_GTIN };
  const levels = number % 3 === 1 ? { prefixInner: `89992${two}`, packsPerInner: 5, prefixCase: `89993${two}`, packsPerCase: 20 } : {};
  return { ...base, prefixUnit: `89991${two}`, barcode: `6999${String(number).padStart(8, '0')}0`, ...levels };
}
