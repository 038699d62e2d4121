// One panel: its frame, and what is in it.
import {
  type DataFrame,
  dateTime,
  type DisplayValue,
  type Field,
  getDisplayValueAlignmentFactors,
  type GrafanaTheme2,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
  VizOrientation,
} from '@grafana/data';
import { BarGauge, BigValue, PanelChrome, Table, TimeSeries, VizRepeater } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { lastValueFrom } from 'rxjs';

import { configure } from './fields';
import { type Range, rows, series } from './prometheus';
import { fill, intervals, type Variables } from './variables';

standardTransformersRegistry.setInit(() =>
  [standardTransformers.mergeTransformer, standardTransformers.organizeFieldsTransformer].map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    transformation,
    editor: () => null,
  }))
);

interface Props {
  panel: any;
  width: number;
  height: number;
  theme: GrafanaTheme2;
  range: Range;
  variables: Variables;
}

async function load({ panel, range: wanted, variables: all, theme }: Props): Promise<DataFrame[]> {
  const targets = panel.targets ?? [];
  const range = panel.interval === '1m' ? { ...wanted, step: Math.max(wanted.step, 60) } : wanted;
  const variables = { ...all, ...intervals(range) };
  if (panel.type !== 'table') {
    const frames = targets.map((target: any) => series(target, fill(target.expr, variables), range));
    return configure((await Promise.all(frames)).flat(), panel, theme);
  }
  const frames = targets.map((target: any) => rows(target, fill(target.expr, variables), range, targets.length === 1));
  const merged = await lastValueFrom(transformDataFrame(panel.transformations ?? [], await Promise.all(frames)));
  return configure(merged, panel, theme);
}

function last(field: Field): DisplayValue {
  return field.display!(field.values.at(-1));
}

function shown(frames: DataFrame[]): DisplayValue[] {
  return frames.map((frame) => ({ ...last(frame.fields[1]), title: frame.fields[1].config.displayNameFromDS }));
}

function Bars({ panel, frames, width, height, theme }: Props & { frames: DataFrame[] }) {
  const values = frames.map((frame, index) => ({ field: frame.fields[1].config, display: shown(frames)[index] }));
  const { options } = panel;
  return (
    <VizRepeater
      source={frames}
      getValues={() => values}
      renderCounter={0}
      width={width}
      height={height}
      minVizHeight={options.minVizHeight}
      maxVizHeight={options.maxVizHeight}
      minVizWidth={options.minVizWidth}
      itemSpacing={10}
      orientation={VizOrientation.Horizontal}
      getAlignmentFactors={(all: any) => getDisplayValueAlignmentFactors(all)}
      renderValue={({ value, width: w, height: h, alignmentFactors }: any) => (
        <BarGauge
          value={value.display}
          field={value.field}
          display={undefined}
          width={w}
          height={h}
          orientation={VizOrientation.Horizontal}
          theme={theme}
          displayMode={options.displayMode}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
          showUnfilled={options.showUnfilled}
          alignmentFactors={alignmentFactors}
          itemSpacing={10}
          lcdCellWidth={10}
        />
      )}
    />
  );
}

function Content(props: Props & { frames: DataFrame[] }) {
  const { panel, frames, width, height, theme, range } = props;
  const { options } = panel;
  switch (panel.type) {
    case 'stat': {
      const [value] = shown(frames);
      const look = { colorMode: options.colorMode, graphMode: options.graphMode, textMode: options.textMode };
      return <BigValue width={width} height={height} theme={theme} value={value} {...look} />;
    }
    case 'bargauge':
      return <Bars {...props} />;
    case 'table':
      return (
        <Table
          data={frames[0]}
          width={width}
          height={height}
          showTypeIcons={false}
          initialSortBy={options.sortBy}
          cellHeight={options.cellHeight}
          enablePagination={options.footer?.enablePagination}
        />
      );
    default: {
      const [from, to] = [dateTime(range.start * 1000), dateTime(range.end * 1000)];
      return (
        <TimeSeries
          width={width}
          height={height}
          frames={frames}
          timeZone="utc"
          timeRange={{ from, to, raw: { from, to } }}
          legend={options.legend}
          options={options}
        />
      );
    }
  }
}

// Says in an attribute what came of it, for whoever takes the picture.
export function Panel(props: Props) {
  const { panel, width, height, variables } = props;
  const [state, become] = useState<{ frames?: DataFrame[]; error?: string }>({});
  useEffect(() => {
    load(props).then((frames) => become({ frames }), (error) => become({ error: String(error) }));
  }, []);
  const empty = state.frames && !state.frames.some((frame) => frame.length > 0);
  const now = state.error ? 'error' : !state.frames ? 'loading' : empty ? 'empty' : 'drawn';
  return (
    <div data-state={now} data-title={panel.title}>
      <PanelChrome
        title={fill(panel.title, variables)}
        description={panel.description}
        width={width}
        height={height}
        statusMessage={state.error}
      >
        {(w, h) => {
          if (now === 'drawn') {
            return <Content {...props} width={w} height={h} frames={state.frames!} />;
          }
          return <div style={{ padding: 8 }}>{state.error ?? (empty ? (panel.fieldConfig.defaults.noValue ?? 'No data') : '…')}</div>;
        }}
      </PanelChrome>
    </div>
  );
}
