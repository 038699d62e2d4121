// The variables of a dashboard, as they are when it is opened.
import { options, type Range } from './prometheus';

export type Variables = Record<string, string>;

// Those that Grafana has of its own: a rate is taken over four scrapes of 15 seconds or more.
export function intervals(range: Range): Variables {
  const rate = Math.max(range.step + 15, 60);
  return { __rate_interval: `${rate}s`, __interval: `${range.step}s`, __range: `${range.end - range.start}s` };
}

export interface Resolved {
  // What stands in their place in an expression.
  values: Variables;
  // What is shown of them.
  shown: [string, string][];
  // All that each offers.
  offered: Record<string, string[]>;
}

export async function resolve(dashboard: any, range: Range): Promise<Resolved> {
  const values: Variables = { ...intervals(range), datasource: 'prometheus' };
  const shown: [string, string][] = [];
  const offered: Record<string, string[]> = {};
  for (const variable of dashboard.templating?.list ?? []) {
    const all = variable.includeAll;
    let text = variable.current?.text ?? 'Prometheus';
    if (variable.type === 'query') {
      offered[variable.name] = await options(fill(variable.query.query, values), variable.regex ?? '', range);
      const [first = ''] = offered[variable.name];
      values[variable.name] = all ? variable.allValue : first;
      text = all ? 'All' : first;
    } else if (variable.type === 'custom') {
      values[variable.name] = text;
    }
    shown.push([variable.label ?? variable.name, String(text)]);
  }
  return { values, shown, offered };
}

// `$name`, `${name}` and `${name:format}`.
export function fill(text: string, values: Variables): string {
  return text.replace(/\$(?:\{(\w+)(?::\w+)?\}|([A-Za-z_]\w*))/g, (whole, a, b) => values[a ?? b] ?? whole);
}
