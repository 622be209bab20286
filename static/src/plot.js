// uPlot as the page uses it: lines of one device pixel, four steps up, round times along.

import uPlot from 'uplot';
import { clock, day, minute } from './format.js';
import { colour, tint } from './theme.js';

/** A whole number: uPlot scales the font for fine screens and does not read decimals. */
const FONT_PX = 11;
/** Where the lines are within the canvas; the crosshair needs it too. */
export const INSET = { left: 44, right: 0, top: 6, bottom: 19 };
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800,
    21600, 43200, 86400].map((seconds) => seconds * 1000);
/** A label nearer to an edge would be cut. */
const LABEL_HALF_PX = { minutes: 16, seconds: 25 };
const LABEL_SPACE_PX = { minutes: 48, seconds: 66 };
const STACK_OPACITY = 0.55;
const AREA_OPACITY = 0.13;
const GAP_OPACITY = 0.55;
const BAND_OPACITY = 0.28;
const HATCH_PX = 6;
/** A mark of something that happened, on the strip and on long ranges. */
export const DOT_PX = 2.5;
const DAY_MS = 86400000;
const STRONG_PX = 2;

/** One chart's canvas. What it looks like is fixed when it is made; draw() gives the numbers. */
export class Plot {
    #plot;
    #frame = { from_ms: 0, to_ms: 1, max: 1, axis: String, gaps: [], marks: [] };
    #stack;
    #lines;
    #banded;
    #hairline;
    #strong = -1;

    /**
     * @param {HTMLElement} element
     * @param {{width: number, height: number, ratio: number}} box
     * @param {{colour: string, dash?: number[], area?: boolean}[]} lines
     * @param {boolean} stack the lines stand on each other, the first at the bottom
     * @param {boolean} banded each line has a band from its lows to its highs
     */
    constructor(element, { width, height, ratio }, lines, stack, banded) {
        this.#hairline = 1 / ratio;
        this.#stack = stack;
        this.#lines = lines;
        this.#banded = banded;
        const layers = this.#layers();
        this.#plot = new uPlot({
            width, height,
            ms: 1,
            padding: [INSET.top, INSET.right, 0, 0],
            cursor: { show: false },
            legend: { show: false },
            scales: {
                x: { range: () => [this.#frame.from_ms, this.#frame.to_ms] },
                y: { range: () => [0, this.#frame.max] },
            },
            axes: this.#axes(),
            hooks: {
                drawClear: [(plot) => drawGaps(plot, this.#frame.gaps)],
                draw: [(plot) => drawMarks(plot, this.#frame.marks)],
            },
            ...layers,
        }, layers.series.map(() => []), element);
    }

    /**
     * @param {number[]} x
     * @param {{ys: (?number)[][], lows?: (?number)[][], highs?: (?number)[][]}} columns by line,
     *     each by itself; lows and highs where there are bands
     * @param {{from_ms: number, to_ms: number, max: number, axis: function(number): string,
     *     gaps: import('./ring.js').Gap[], marks: {time_ms: number}[]}} frame
     */
    draw(x, { ys, lows, highs }, frame) {
        this.#frame = frame;
        const lines = this.#stack ? stacked(ys) : ys;
        const on = (one, k) => this.#stack && k > 0 ? added(lines[k - 1], one) : one;
        const edges = this.#banded ? [...highs.map(on), ...lows.map(on)] : [];
        this.#plot.setData([x, ...edges, ...this.#stack ? lines.reverse() : lines]);
    }

    /**
     * Shows one line thicker than the others.
     * @param {number} index of the line; -1 is none
     */
    emphasize(index) {
        if (index === this.#strong)
            return;
        this.#strong = index;
        const count = this.#lines.length;
        const before = this.#banded ? 2 * count : 0;
        const strong = index < 0 ? -1 : before + (this.#stack ? count - index : index + 1);
        this.#plot.series.forEach((series, i) => {
            series.width = i <= before ? 0 : i === strong ? STRONG_PX : this.#hairline;
        });
        this.#plot.redraw(false);
    }

    /** @param {{width: number, height: number}} box */
    resize({ width, height }) {
        if (width !== this.#plot.width || height !== this.#plot.height)
            this.#plot.setSize({ width, height });
    }

    destroy() {
        this.#plot.destroy();
    }

    #axes() {
        const text = {
            stroke: () => colour('faint'),
            font: `${FONT_PX}px system-ui, sans-serif`,
            ticks: { show: false },
        };
        return [
            {
                ...text, size: INSET.bottom, gap: 5,
                // Minutes are not told twice.
                incrs: () => this.#labels() === 'minutes'
                    ? STEPS_MS.filter((step_ms) => step_ms >= 60000) : STEPS_MS,
                space: () => LABEL_SPACE_PX[this.#labels()],
                grid: { show: false },
                values: (plot, times) => times.map((time_ms) => this.#timeLabel(plot, time_ms)),
            },
            {
                ...text, size: INSET.left, gap: 6,
                grid: { stroke: () => colour('line'), width: this.#hairline },
                splits: () => [0, 1, 2, 3, 4].map((step) => this.#frame.max * step / 4),
                values: (plot, splits) => splits.map((value) => this.#frame.axis(value)),
            },
        ];
    }

    /** Whether labels along name seconds: where whole minutes would be too few. */
    #labels() {
        return this.#frame.to_ms - this.#frame.from_ms < 240000 ? 'seconds' : 'minutes';
    }

    #timeLabel(plot, time_ms) {
        const { from_ms, to_ms } = this.#frame;
        const width = plot.bbox.width / devicePixelRatio;
        const left = (time_ms - from_ms) / (to_ms - from_ms) * width;
        const half = LABEL_HALF_PX[this.#labels()];
        if (width - left < half || left < half - INSET.left)
            return '';
        if (this.#labels() === 'seconds')
            return clock(time_ms);
        const text = minute(time_ms);
        return text === '00:00' && to_ms - from_ms > DAY_MS / 2 ? day(time_ms) : text;
    }

    /** uPlot's series and the areas between them, in the order of drawing. */
    #layers() {
        const lines = this.#lines;
        // A stack from the top down: where a layer is empty, the line of the one below is seen.
        const order = this.#stack ? [...lines].reverse() : lines;
        const area = (line, opacity) => () => tint(line.colour, opacity);
        const fill = (line) => {
            if (this.#stack)
                return line === lines[0] ? area(line, STACK_OPACITY) : undefined;
            return line.area ? area(line, AREA_OPACITY) : undefined;
        };
        const series = order.map((line) => ({
            stroke: () => colour(line.colour),
            fill: fill(line),
            width: this.#hairline,
            dash: line.dash,
            points: { show: false },
        }));
        const between = this.#stack ? order.slice(0, -1) : [];
        const edges = this.#banded ? [...lines, ...lines].map(() => ({ points: { show: false } }))
            : [];
        const first = edges.length + 1;
        const extremes = this.#banded ? lines.map((line, i) => ({
            series: [i + 1, i + 1 + lines.length], fill: area(line, BAND_OPACITY) })) : [];
        return {
            series: [{}, ...edges, ...series],
            bands: [...extremes, ...between.map((line, i) =>
                ({ series: [first + i, first + i + 1], fill: area(line, STACK_OPACITY) }))],
        };
    }
}

/** A block where there were no ticks; hatched where the machine slept. */
function drawGaps(plot, gaps) {
    const { ctx, bbox } = plot;
    for (const { from_ms, to_ms, suspended } of gaps) {
        const left = Math.max(bbox.left, plot.valToPos(from_ms, 'x', true));
        const right = Math.min(bbox.left + bbox.width, plot.valToPos(to_ms, 'x', true));
        if (right > left)
            drawGap(ctx, { left, top: bbox.top, width: right - left, height: bbox.height },
                    suspended);
    }
}

/** A dot at the upper edge for each thing that happened. */
function drawMarks(plot, marks) {
    const { ctx, bbox } = plot;
    ctx.fillStyle = colour('s3');
    for (const { time_ms } of marks) {
        const x = plot.valToPos(time_ms, 'x', true);
        if (x < bbox.left || x > bbox.left + bbox.width)
            continue;
        ctx.beginPath();
        ctx.arc(x, bbox.top + DOT_PX * devicePixelRatio, DOT_PX * devicePixelRatio, 0, 7);
        ctx.fill();
    }
}

/**
 * @param {CanvasRenderingContext2D} graph in device pixels
 * @param {{left: number, top: number, width: number, height: number}} box
 * @param {boolean} suspended
 */
export function drawGap(graph, { left, top, width, height }, suspended) {
    graph.save();
    graph.beginPath();
    graph.rect(left, top, width, height);
    graph.clip();
    if (suspended) {
        const pitch = HATCH_PX * devicePixelRatio;
        graph.strokeStyle = colour('faint');
        graph.lineWidth = 1;
        graph.globalAlpha = GAP_OPACITY;
        graph.beginPath();
        for (let x = left - height; x < left + width; x += pitch) {
            graph.moveTo(x, top + height);
            graph.lineTo(x + height, top);
        }
        graph.stroke();
    } else {
        graph.fillStyle = colour('line');
        graph.globalAlpha = GAP_OPACITY;
        graph.fillRect(left, top, width, height);
    }
    graph.restore();
}

/**
 * Sums from the bottom up; a sum with an unknown part is unknown.
 * @param {(?number)[][]} ys
 * @returns {(?number)[][]}
 */
function stacked(ys) {
    const sums = [];
    ys.forEach((y, k) => sums.push(k === 0 ? y : added(sums[k - 1], y)));
    return sums;
}

function added(below, y) {
    return y.map((value, i) => value === null || below[i] === null ? null : value + below[i]);
}
