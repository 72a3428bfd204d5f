import { z } from 'zod';
import { defineRoute } from '../route.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const getMetrics = defineRoute({
  operation: 'get-metrics',
  method: 'get',
  path: '/metrics',
  roles: ['it', 'auditor', 'security'],
  summary: '运行指标（Prometheus 文本格式），名称以 his_trace_ 开头',
  request: { query: z.looseObject({}) },
  response: { description: '指标', contentType: CONTENT_TYPE },
  async handle(context) {
    return { status: 200, text: await context.deps.metrics(), contentType: CONTENT_TYPE };
  },
});
