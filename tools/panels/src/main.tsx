// A dashboard on one page: /?dashboard=NAME&theme=dark&end=SECONDS&range=SECONDS
import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { Panel } from './panel';
import type { Range } from './prometheus';
import { laidOut } from './rows';
import { fill, type Resolved, resolve } from './variables';

const WIDTH = 1600;
// Grafana's grid: 24 columns, cells of 30 pixels with 8 between them.
const [COLUMN, CELL, GAP, HEAD] = [WIDTH / 24, 38, 8, 96];
const parameters = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: parameters.get('theme') === 'light' ? 'light' : 'dark' } });
const end = Number(parameters.get('end'));
const seconds = Number(parameters.get('range'));
const range: Range = { start: end - seconds, end, step: Math.max(1, Math.ceil(seconds / 300)) };

interface State extends Resolved {
  dashboard: any;
}

// Texts are measured as they are drawn; measured in another font, numbers would run out of their panels.
const fonts = () => Promise.all([400, 500].map((weight) => document.fonts.load(`${weight} 16px Inter`)));

async function open(): Promise<State> {
  await fonts();
  const dashboard = await (await fetch(`/${parameters.get('dashboard')}.json`)).json();
  return { dashboard, ...(await resolve(dashboard, range)) };
}

function Head({ dashboard, shown }: State) {
  const box = { border: `1px solid ${theme.colors.border.medium}`, padding: '3px 8px', borderRadius: 2 };
  const short = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return (
    <div style={{ padding: '12px 8px', color: theme.colors.text.primary }}>
      <div style={{ fontSize: 18, marginBottom: 10 }}>{dashboard.title}</div>
      <div style={{ display: 'flex', gap: 8, fontSize: 12 }}>
        {shown.map(([label, text]) => (
          <span key={label} style={box}>
            {label}: <b>{short(text)}</b>
          </span>
        ))}
        {dashboard.links.map((link: any) => (
          <span key={link.title} style={{ ...box, color: theme.colors.text.link }}>
            {link.title}
          </span>
        ))}
      </div>
    </div>
  );
}

function Dashboard(state: State) {
  const panels = laidOut(state.dashboard.panels, state.offered);
  const bottom = Math.max(...panels.map(({ panel }) => panel.gridPos.y + panel.gridPos.h));
  return (
    <div style={{ position: 'relative', width: WIDTH, height: HEAD + bottom * CELL, background: theme.colors.background.canvas }}>
      <Head {...state} />
      {panels.map(({ panel, own, key }) => {
        const variables = { ...state.values, ...own };
        const { x, y, w, h } = panel.gridPos;
        const place = { left: x * COLUMN + GAP / 2, top: HEAD + y * CELL, width: w * COLUMN - GAP, height: h * CELL - GAP };
        return (
          <div key={key} style={{ position: 'absolute', ...place }}>
            {panel.type === 'row' ? (
              <div data-row style={{ color: theme.colors.text.primary, padding: 6, fontWeight: 500 }}>
                {fill(panel.title, variables)}
              </div>
            ) : (
              <Panel panel={panel} width={place.width} height={place.height} theme={theme} range={range} variables={variables} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function App() {
  const [state, become] = useState<State>();
  useEffect(() => {
    open().then(become);
  }, []);
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      {state && <Dashboard {...state} />}
    </ThemeContext.Provider>
  );
}

createRoot(document.getElementById('root')!).render(<App />);
