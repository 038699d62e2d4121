// Where panels are, with rows that are repeated for each value of a variable.
import type { Variables } from './variables';

// Such rows are folded at first. The first of them are shown as a reader would unfold them, the others as headings.
const UNFOLDED = 2;

export interface Placed {
  panel: any;
  // What a repeated row sets.
  own: Variables;
  key: string;
}

function lowered(panel: any, by: number, own: Variables): Placed {
  const { gridPos, id } = panel;
  return { panel: { ...panel, gridPos: { ...gridPos, y: gridPos.y + by } }, own, key: [id, ...Object.values(own)].join(' ') };
}

const bottom = ({ gridPos }: any): number => gridPos.y + gridPos.h;

export function laidOut(panels: any[], offered: Record<string, string[]>): Placed[] {
  let by = 0;
  return panels.flatMap((panel) => {
    if (!panel.repeat) return [lowered(panel, by, {})];
    const placed = offered[panel.repeat].flatMap((value, index) => {
      const row = index < UNFOLDED ? [panel, ...panel.panels] : [panel];
      const here = row.map((one) => lowered(one, by, { [panel.repeat]: value }));
      by += Math.max(...row.map(bottom)) - panel.gridPos.y;
      return here;
    });
    // The file has room for one folded row.
    by -= panel.gridPos.h;
    return placed;
  });
}
