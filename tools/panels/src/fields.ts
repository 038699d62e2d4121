// Settings of fields: a panel's defaults, and its overrides by name.
import { type DataFrame, FieldColorModeId, FieldType, getDisplayProcessor, getFieldDisplayName, type GrafanaTheme2 } from '@grafana/data';

// Grafana's own defaults of lines.
const LINES = { drawStyle: 'line', lineWidth: 1, fillOpacity: 0, axisPlacement: 'auto', showPoints: 'auto', pointSize: 5 };

function set(target: any, path: string, value: unknown) {
  const keys = path.split('.');
  const last = keys.pop()!;
  keys.reduce((inside, key) => (inside[key] ??= {}), target)[last] = value;
}

function matches(matcher: any, name: string, query?: string): boolean {
  if (matcher.id === 'byRegexp') return new RegExp(matcher.options.replace(/^\/|\/$/g, '')).test(name);
  return matcher.options === (matcher.id === 'byFrameRefID' ? query : name);
}

// Gives every field its settings, its colour and its texts.
export function configure(frames: DataFrame[], panel: any, theme: GrafanaTheme2): DataFrame[] {
  let index = 0;
  for (const frame of frames) {
    for (const field of frame.fields) {
      const time = field.type === FieldType.time;
      const defaults = structuredClone(time ? {} : (panel.fieldConfig?.defaults ?? {}));
      const color = defaults.color ?? { mode: FieldColorModeId.PaletteClassic };
      field.config = { ...defaults, ...field.config, color, custom: { ...LINES, ...(defaults.custom ?? {}) } };
      for (const { matcher, properties } of panel.fieldConfig?.overrides ?? []) {
        if (!time && matches(matcher, getFieldDisplayName(field, frame, frames), frame.refId)) {
          properties.forEach(({ id, value }: any) => set(field.config, id, structuredClone(value)));
        }
      }
      if (field.type === FieldType.number) {
        field.state = { ...field.state, seriesIndex: index++ };
      }
      field.display = getDisplayProcessor({ field, theme, timeZone: 'utc' });
    }
  }
  return frames;
}
