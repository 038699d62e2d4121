// Takes pictures of every dashboard, light and dark, a screenful each.
//
//   node pictures.mjs DATA OUT [NAME…]
//
// DATA: what the test of the dashboards leaves, the data of a Prometheus and the time at which it ends. OUT: a folder.
// NAME: parts of names of dashboards; all without. RANGE in the environment: how many seconds are shown. Fails where a
// panel has no data or an error. It proves queries, units, colours and layout, as far as Grafana's components draw them;
// whether Grafana takes the files is for tools/check_dashboard.py to say. Of repeated rows the first are unfolded; only the
// panel types and transformations that the dashboards use are drawn.
import { spawn } from 'node:child_process';
import { createReadStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer as listen } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const HERE = dirname(fileURLToPath(import.meta.url));
const DASHBOARDS = join(HERE, '../../dashboards');
const SCREEN = { width: 1600, height: 1000 };
const RANGE = Number(process.env.RANGE ?? 480);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];

const [data, out, ...chosen] = process.argv.slice(2);
if (!data || !out) {
  console.error('usage: node pictures.mjs DATA OUT [NAME…]');
  process.exit(2);
}

const freePort = () =>
  new Promise((resolve) => {
    const server = listen().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function prometheus() {
  const port = await freePort();
  const child = spawn('prometheus', [
    '--config.file=/dev/null',
    `--storage.tsdb.path=${data}/data`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
  ], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 300; tries++) {
    const ready = await fetch(`${url}/-/ready`).then((answer) => answer.ok, () => false);
    if (ready) return { url, child };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill();
  throw new Error('Prometheus does not start');
}

// Grafana serves the font that its styles name; here it comes from a package.
const FONTS = join(HERE, 'node_modules/@fontsource/inter/files');
const WEIGHTS = { '/Inter-Regular.woff2': 400, '/Inter-Medium.woff2': 500 };
const fonts = {
  name: 'fonts',
  configureServer({ middlewares }) {
    middlewares.use('/public/fonts/inter', (request, response, next) => {
      const weight = WEIGHTS[request.url];
      if (!weight) return next();
      response.setHeader('Content-Type', 'font/woff2');
      createReadStream(join(FONTS, `inter-latin-${weight}-normal.woff2`)).pipe(response);
    });
  },
};

const server = async (target) => {
  const proxy = { '/prometheus': { target, rewrite: (path) => path.replace(/^\/prometheus/, '') } };
  const vite = await createServer({
    root: HERE,
    configFile: false,
    logLevel: 'error',
    plugins: [react(), fonts],
    resolve: { alias: [{ find: /^react-custom-scrollbars-2$/, replacement: join(HERE, 'src/scrollbars.mjs') }] },
    publicDir: DASHBOARDS,
    define: { 'process.env': {}, global: 'window' },
    server: { host: '127.0.0.1', port: await freePort(), proxy },
  });
  return vite.listen();
};

// Pictures of one dashboard; gives back what is wrong with its panels.
async function take(browser, url, name, theme) {
  const page = await browser.newPage({ viewport: SCREEN });
  page.on('pageerror', (error) => console.error(`${name}: ${error}`));
  const end = readFileSync(join(data, 'now'), 'utf8').trim();
  await page.goto(`${url}?dashboard=${name}&theme=${theme}&end=${end}&range=${RANGE}`, { timeout: 300000 });
  await page.waitForSelector('[data-state]', { timeout: 300000 });
  await page.waitForFunction(() => !document.querySelector('[data-state=loading]'), undefined, { timeout: 300000 });
  await page.waitForLoadState('networkidle');
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: SCREEN.width, height });
  for (let top = 0, number = 1; top < height; top += SCREEN.height, number++) {
    const clip = { x: 0, y: top, width: SCREEN.width, height: Math.min(SCREEN.height, height - top) };
    await page.screenshot({ path: join(out, `${name}-${theme}-${number}.png`), clip });
  }
  const faults = await page.$$eval('[data-state=empty],[data-state=error]', (found) =>
    found.map((panel) => `${panel.dataset.title}: ${panel.dataset.state}`)
  );
  await page.close();
  return faults.map((fault) => `${name}: ${fault}`);
}

mkdirSync(out, { recursive: true });
const names = readdirSync(DASHBOARDS).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
const wanted = chosen.length ? names.filter((name) => chosen.some((part) => name.includes(part))) : names;
const { url, child } = await prometheus();
let faults = [];
try {
  const vite = await server(url);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  for (const name of wanted) {
    for (const theme of ['dark', 'light']) {
      faults = faults.concat(await take(browser, vite.resolvedUrls.local[0], name, theme));
      console.log(`${name}, ${theme}`);
    }
  }
  await browser.close();
  await vite.close();
} finally {
  child.kill();
}
faults.forEach((fault) => console.error(fault));
process.exit(faults.length ? 1 : 0);
