// Leaves out of uPlot, whose package is one file, what the page does not use: its own cursor,
// legend and selection, dates as text, logarithmic and vertical scales, other lines than straight
// ones. plot.js asks for none of these. Each cut must find its place, so that another version of
// uPlot that looks different fails to build rather than on the page.

import { readFile } from 'node:fs/promises';

/** Functions that have no effect as plot.js uses it: they stay, without their bodies. */
const UNUSED = [
    // Its cursor, legend and selection, and charts that follow each other's.
    'cursorPointShow', 'cursorPointFill', 'cursorPointStroke', 'cursorPointSize', 'cursorMove',
    'filtBtn0', 'filtTarg', 'legendStroke', 'legendFill', 'initLegendRow', 'onMouse', 'offMouse',
    'initCursorPt', 'setSelect', 'toggleDOM', 'setAlpha', 'setFocus', 'setSelH', 'setSelV',
    'syncLegend', 'setLegend', 'setLegendValues', 'updateCursor', 'mouseMove', 'cacheMouse',
    'mouseDown', 'mouseUp', 'mouseLeave', 'dblClick', 'hideSelect', 'pubSync', 'pub',
    'posToVal', 'closestIdxFromXpos',
    // A chart of other lines is another chart.
    'setSeries', 'addSeries', 'delSeries', 'addBand', 'setBand', 'delBand', 'batch', 'flushHooks',
    // Dates as text: format.js writes them.
    'fmtDate', 'timeAxisStamps', 'timeAxisVals', 'timeAxisVal', 'timeSeriesStamp', 'timeSeriesVal',
    // Ranges and padding of its own choice, scales that are not linear, marks at points.
    'autoPadSide', '_rangeNum', 'rangeLog', 'rangeAsinh', 'snapNumY', 'logAxisSplits',
    'asinhAxisSplits', 'log10AxisValsFilt', 'log2AxisValsFilt', 'points',
];

/** What is known of each chart, so that esbuild drops what follows from the opposite. */
const KNOWN = [
    [/\tconst (showLegend|showCursor|cursorFocus|cursorOnePt) = .*/g, ''],
    [/\t(let )?multiValLegend = .*/g, ''],
    [/\b(showLegend|showCursor|cursorFocus|cursorOnePt|multiValLegend|legend\.(show|live))\b/g,
     'false'],
    [/\bselect\.show\b/g, 'false'],
    [/\bcursor\.dataIdx == null/g, 'false'],
    [/\bmode == 1\b/g, 'true'],
    [/\bmode == 2\b/g, 'false'],
    [/\bscaleX\.ori == 0\b/g, 'true'],
    [/\bscaleX\.ori == 1\b/g, 'false'],
    [/(?<![\w.])(?:(?:sc|wsc)\.distr|xScaleDistr|distr) == 1\b/g, 'true'],
    [/(?<![\w.])(?:(?:sc|wsc)\.distr|xScaleDistr|distr) (?:== (?:2|3|4|100)|>= 3)(?!\d)/g, 'false'],
    // Tables of dates, and what is made when the file is loaded.
    [/const _timeAxisStamps = \[[^;]*\];/g, 'const _timeAxisStamps = null;'],
    [/let timeIncrs = subSecIncrs\.concat\([^;]*\);/g, 'const timeIncrs = null;'],
    [/const (days3|months3|localTz) = .*;/g, 'const $1 = null;'],
    // What it exports beside itself.
    [/\nuPlot\.assign = assign;[^]*(?=\nexport )/g, ''],
];

function cut(text, [pattern, instead]) {
    const result = text.replace(pattern, instead);
    if (result === text)
        throw new Error(`uplot_parts.mjs: there is no ${pattern} in this version of uPlot`);
    return result;
}

/** A function ends at the first line that is a brace as far to the right as it begins. */
const body = (name) =>
    [new RegExp(`^(\\t*)function ${name}\\(.*\\{\n[^]*?\n\\1\\}$`, 'm'), `$1function ${name}() {}`];

/** @type {import('esbuild').Plugin} */
export const uplotParts = {
    name: 'uplot-parts',
    setup(build) {
        build.onLoad({ filter: /uPlot\.esm\.js$/ }, async ({ path }) => {
            const text = await readFile(path, 'utf8');
            return { contents: [...UNUSED.map(body), ...KNOWN].reduce(cut, text), loader: 'js' };
        });
    },
};
