// Asks Prometheus as Grafana's data source does, and turns its answers into data frames.
import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';

// What is looked at, in seconds since the epoch.
export interface Range {
  start: number;
  end: number;
  step: number;
}

interface Series {
  metric: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}

export interface Target {
  expr: string;
  legendFormat?: string;
  refId: string;
  instant?: boolean;
  format?: string;
}

async function get(path: string, parameters: Record<string, string>): Promise<any> {
  const answer = await fetch(`/prometheus/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = await answer.json();
  if (body.status !== 'success') {
    throw new Error(body.error);
  }
  return body.data;
}

const number = (text: string) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));

function name(metric: Record<string, string>, legend = '__auto'): string {
  if (legend !== '__auto') {
    return legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? '').trim();
  }
  const { __name__: family = '', ...labels } = metric;
  const listed = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return listed.length ? `${family}{${listed.join(', ')}}` : family || 'Value';
}

// One frame for each series: lines, numbers and bars.
export async function series(target: Target, expr: string, range: Range): Promise<DataFrame[]> {
  const result: Series[] = target.instant
    ? (await get('query', { query: expr, time: String(range.end) })).result
    : (await get('query_range', { query: expr, start: `${range.start}`, end: `${range.end}`, step: `${range.step}` })).result;
  return result.map((one) => {
    const points = one.values ?? [one.value!];
    return toDataFrame({
      refId: target.refId,
      fields: [
        { name: 'Time', type: FieldType.time, values: points.map(([at]) => at * 1000), config: { interval: range.step * 1000 } },
        {
          name: 'Value',
          type: FieldType.number,
          labels: one.metric,
          // What is no number leaves a gap in a line, as in Grafana.
          values: points.map(([, text]) => (target.instant || Number.isFinite(number(text)) ? number(text) : null)),
          config: { displayNameFromDS: name(one.metric, target.legendFormat) },
        },
      ],
    });
  });
}

// One frame for each query, a column for each label: tables.
export async function rows(target: Target, expr: string, range: Range, only: boolean): Promise<DataFrame> {
  const result: Series[] = (await get('query', { query: expr, time: String(range.end) })).result;
  const labels = [...new Set(result.flatMap((one) => Object.keys(one.metric)))];
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map((one) => one.value![0] * 1000) },
      ...labels.map((label) => ({ name: label, type: FieldType.string, values: result.map((one) => one.metric[label] ?? '') })),
      {
        name: only ? 'Value' : `Value #${target.refId}`,
        type: FieldType.number,
        values: result.map((one) => number(one.value![1])),
      },
    ],
  });
}

// The values that a variable offers, by Grafana's two functions that the dashboards use.
export async function options(query: string, regex: string, range: Range): Promise<string[]> {
  const result = /^query_result\((.*)\)$/s.exec(query);
  if (result) {
    const found: Series[] = (await get('query', { query: result[1], time: String(range.end) })).result;
    const cut = new RegExp(regex.slice(1, -1));
    return found.map((one) => cut.exec(text(one))?.[1] ?? '');
  }
  const [, selector, label] = /^label_values\((.*),\s*(\w+)\)$/s.exec(query)!;
  return get(`label/${label}/values`, { 'match[]': selector, start: `${range.start}`, end: `${range.end}` });
}

function text(one: Series): string {
  const { __name__: family = '', ...labels } = one.metric;
  const listed = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${family}{${listed.join(',')}} ${one.value![1]} ${one.value![0] * 1000}`;
}
