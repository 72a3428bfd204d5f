import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';

/** Settings of a source with `connector: his-file`. */
export const settings = {
  folder: { kind: 'text', required: true, label: '监视的文件夹', description: 'folder that the HIS or a handheld writes files into; a Windows share is a path such as \\\\server\\share\\out', example: '/data/his-out' },
  institution: { kind: 'text', label: '机构编号', description: 'institution of rows and messages that name none; without it the only configured one, and with several institutions such rows are refused' },
  every: { kind: 'duration', default: 10_000, min: 20, max: 3_600_000, label: '轮询间隔', description: 'pause between two looks into the folder; shares tell nothing by themselves' },
  completeWhen: {
    kind: 'choice', choices: ['stable', 'marker'], default: 'stable', label: '写完的判断',
    description: 'stable: size and time of a file are the same in two looks; marker: a second file with its name and the markerSuffix is there',
  },
  markerSuffix: { kind: 'text', default: '.ready', pattern: /^\.[A-Za-z0-9_-]{1,16}$/, label: '完成标志后缀', description: 'completeWhen marker: `a.csv` is read once `a.csv.ready` is there; the marker is removed' },
  ignore: { kind: 'list', of: 'text', label: '忽略的后缀', description: 'names that end so are not looked at, beside .tmp, .part, .crdownload, .filepart, ~$… and dot files', example: '.bak' },
  working: { kind: 'text', label: '处理中文件夹', description: 'where a file is moved to before it is read; on the same disk, default `working` inside the folder' },
  archive: { kind: 'text', label: '归档文件夹', description: 'where files go that were read, one folder a day; default `archive` inside the folder' },
  quarantine: { kind: 'text', label: '隔离文件夹', description: 'where files go that cannot be read at all, one folder a day; default `quarantine` inside the folder' },
  charset: { kind: 'choice', choices: ['auto', 'utf-8', 'gb18030'], default: 'auto', label: '字符集', description: 'of csv and JSON; auto: byte order mark, else UTF-8 where every byte fits, else GB18030 (which contains GBK)' },
  maxFileBytes: { kind: 'integer', default: 536_870_912, min: 1_024, max: 8_589_934_592, label: '文件大小上限', description: 'larger files go to quarantine' },
  maxWholeBytes: { kind: 'integer', default: 52_428_800, min: 1_024, max: 268_435_456, label: '整体读取上限', description: 'the same for files that cannot be read piece by piece: xlsx, XML, JSON, HL7' },
  maxEventRows: { kind: 'integer', default: 10_000, min: 1, max: 50_000, label: '单事件行数上限', description: 'an event with more rows is quarantined' },
  maxInFlight: { kind: 'integer', default: 32, min: 1, max: 500, label: '并行入库数', description: 'events of one kind being stored at the same time' },
  xmlUnit: { kind: 'text', default: '盒', label: 'XML 数量单位', description: 'unit of the codes in legacy trace XML, which counts packs without naming a unit' },
} as const satisfies SettingTable;

export type FileSettings = SettingsOf<typeof settings>;
