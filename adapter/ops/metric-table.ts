export interface MetricText {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  readonly zh: string;
}

/** Every metric of ours, once; a test holds this table, the README and the code together. */
export const METRICS: Readonly<Record<string, MetricText>> = {
  his_trace_records_total: { kind: 'counter', labels: ['source', 'result'], help: 'records taken in whose whole was noted, quarantined or put off, by result', zh: '整条记录的处理结果（记下、隔离、暂不能接收）' },
  his_trace_events_total: { kind: 'counter', labels: ['source', 'status'], help: 'events by what became of them: accepted, duplicate, quarantined, rejected', zh: '事件及其结果' },
  his_trace_intake_refused_total: { kind: 'counter', labels: ['code'], help: 'records nothing of which is on disk, by error code; the HIS was told to send again', zh: '未能落盘、已要求 HIS 重发的记录，按错误码' },
  his_trace_rest_events_total: { kind: 'counter', labels: ['status'], help: 'events of POST /api/v1/events by status', zh: 'REST 接口收到的事件' },
  his_trace_hl7_messages_total: { kind: 'counter', labels: ['source', 'result'], help: 'HL7 messages by result', zh: 'HL7 消息及其结果' },
  his_trace_hl7_connections_refused_total: { kind: 'counter', labels: [], help: 'MLLP connections refused because of a limit', zh: '因数量上限拒绝的 MLLP 连接' },
  his_trace_hl7_connections_dropped_total: { kind: 'counter', labels: ['reason'], help: 'MLLP connections closed by us, by reason', zh: '由本机断开的 MLLP 连接，按原因' },
  his_trace_source_thread_deaths_total: { kind: 'counter', labels: ['source'], help: 'threads of sources that ended by themselves and were started again', zh: '来源线程意外结束（随后自动重启）的次数' },
  his_trace_row_polls_total: { kind: 'counter', labels: ['source', 'result'], help: 'polls of HIS databases by result', zh: '对 HIS 数据库的轮询及其结果' },
  his_trace_delivery_results_total: { kind: 'counter', labels: ['destination', 'act', 'result'], help: 'attempts at a platform (send, ask) by result', zh: '对平台的每次发送、查询及其结果' },
  his_trace_nhsa_calls_total: { kind: 'counter', labels: ['infno', 'result'], help: 'calls to the insurance platform', zh: '对医保平台的调用' },
  his_trace_mah_calls_total: { kind: 'counter', labels: ['destination', 'method', 'result'], help: 'calls to the TOP gateway', zh: '对 TOP 网关的调用' },
  his_trace_http_requests_total: { kind: 'counter', labels: ['operation', 'status'], help: 'HTTP requests by operation and status', zh: 'HTTP 请求' },
  his_trace_deliveries: { kind: 'gauge', labels: ['institution', 'destination', 'state'], help: 'reports not settled, by state', zh: '未了结的上报任务，按状态' },
  his_trace_quarantined_records: { kind: 'gauge', labels: ['institution'], help: 'records waiting in quarantine', zh: '待处理记录数' },
  his_trace_destination_stopped: { kind: 'gauge', labels: ['institution', 'destination'], help: '1 while the stop switch is thrown', zh: '是否已停止上报' },
  his_trace_destination_well: { kind: 'gauge', labels: ['institution', 'destination'], help: '0 while the platform does not answer', zh: '平台是否有应答' },
  his_trace_files_total: { kind: 'counter', labels: ['source', 'result'], help: 'files of a file source by what became of them', zh: '文件来源读取的文件及其结果' },
  his_trace_file_faults_total: { kind: 'counter', labels: ['source', 'code'], help: 'looks at the folder of a file source that failed', zh: '文件来源读取目录出错的次数' },
  his_trace_raw_records_cleared_total: { kind: 'counter', labels: ['institution'], help: 'records whose raw content was cleared after retention.rawRecordDays', zh: '超过保存期限而清除了原始内容的记录' },
  his_trace_store_free_bytes: { kind: 'gauge', labels: [], help: 'bytes free on the disk of the embedded store', zh: '内嵌数据库所在磁盘的剩余字节数' },
  his_trace_completeness_percent: { kind: 'gauge', labels: ['institution'], help: 'completeness of the day before, per cent', zh: '前一日完整率' },
};
