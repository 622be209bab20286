// uPlot as the page uses it: lines of one device pixel, four steps up, round times along.

import uPlot from 'uplot';
import { clock, minute } from './format.js';
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
const HATCH_PX = 6;
const STRONG_PX = 2;

/** One chart's canvas. What it looks like is fixed when it is made; draw() gives the numbers. */
export class Plot {
    #plot;
    #frame = { from_ms: 0, to_ms: 1, max: 1, axis: String, gaps: [] };
    #stack;
    #lines;
    #hairline;
    #strong = -1;

    /**
     * @param {HTMLElement} element
     * @param {{width: number, height: number, ratio: number}} box
     * @param {{colour: string, dash?: number[], area?: boolean}[]} lines
     * @param {boolean} stack the lines stand on each other, the first at the bottom
     */
    constructor(element, { width, height, ratio }, lines, stack) {
        this.#hairline = 1 / ratio;
        this.#stack = stack;
        this.#lines = lines;
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
            hooks: { drawClear: [(plot) => drawGaps(plot, this.#frame.gaps)] },
            ...this.#layers(),
        }, [[], ...lines.map(() => [])], element);
    }

    /**
     * @param {number[]} x
     * @param {(?number)[][]} ys by line, each by itself
     * @param {{from_ms: number, to_ms: number, max: number, axis: function(number): string,
     *     gaps: import('./ring.js').Gap[]}} frame
     */
    draw(x, ys, frame) {
        this.#frame = frame;
        this.#plot.setData([x, ...this.#stack ? stacked(ys).reverse() : ys]);
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
        const strong = index < 0 ? -1 : this.#stack ? count - index : index + 1;
        this.#plot.series.forEach((series, i) => {
            series.width = i === strong ? STRONG_PX : this.#hairline;
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
        return this.#labels() === 'seconds' ? clock(time_ms) : minute(time_ms);
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
        return {
            series: [{}, ...series],
            bands: between.map((line, i) =>
                ({ series: [i + 1, i + 2], fill: area(line, STACK_OPACITY) })),
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
    ys.forEach((y, k) => sums.push(k === 0 ? y : y.map((value, i) => {
        const below = sums[k - 1][i];
        return value === null || below === null ? null : value + below;
    })));
    return sums;
}
