// uPlot as the page uses it: lines of one device pixel, four steps up, minutes along.

import uPlot from 'uplot';
import { minute } from './format.js';
import { colour, tint } from './theme.js';

/** A whole number: uPlot scales the font for fine screens and does not read decimals. */
const FONT_PX = 11;
const LEFT_PX = 40;
const BOTTOM_PX = 19;
const TOP_PX = 6;
/** Between the labels along: whole minutes, as labels name no seconds. */
const STEPS_MS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440].map((n) => n * 60000);
/** A label nearer to the right edge would be cut. */
const LABEL_HALF_PX = 16;
const STACK_OPACITY = 0.55;

/** One chart's canvas. What it looks like is fixed when it is made; draw() gives the numbers. */
export class Plot {
    #plot;
    #from_ms = 0;
    #to_ms = 1;
    #max = 1;
    #axis = String;
    #stack;

    /**
     * @param {HTMLElement} element
     * @param {{width: number, height: number, ratio: number}} box
     * @param {{colour: string, dash?: number[]}[]} lines
     * @param {boolean} stack the lines stand on each other, the first at the bottom
     */
    constructor(element, { width, height, ratio }, lines, stack) {
        const hairline = 1 / ratio;
        this.#stack = stack;
        this.#plot = new uPlot({
            width, height,
            ms: 1,
            padding: [TOP_PX, 0, 0, 0],
            cursor: { show: false },
            legend: { show: false },
            scales: {
                x: { range: () => [this.#from_ms, this.#to_ms] },
                y: { range: () => [0, this.#max] },
            },
            axes: this.#axes(hairline),
            ...layers(lines, stack, hairline),
        }, [[], ...lines.map(() => [])], element);
    }

    /**
     * @param {number[]} x
     * @param {(?number)[][]} ys by line, each by itself
     * @param {{from_ms: number, to_ms: number, max: number, axis: function(number): string}} frame
     */
    draw(x, ys, { from_ms, to_ms, max, axis }) {
        this.#from_ms = from_ms;
        this.#to_ms = to_ms;
        this.#max = max;
        this.#axis = axis;
        this.#plot.setData([x, ...this.#stack ? stacked(ys).reverse() : ys]);
    }

    /** @param {{width: number, height: number}} box */
    resize({ width, height }) {
        if (width !== this.#plot.width || height !== this.#plot.height)
            this.#plot.setSize({ width, height });
    }

    destroy() {
        this.#plot.destroy();
    }

    #axes(hairline) {
        const text = {
            stroke: () => colour('faint'),
            font: `${FONT_PX}px system-ui, sans-serif`,
            ticks: { show: false },
        };
        return [
            {
                ...text, size: BOTTOM_PX, gap: 5, space: 48, incrs: STEPS_MS,
                grid: { show: false },
                values: (plot, times) => times.map((time_ms) => this.#timeLabel(plot, time_ms)),
            },
            {
                ...text, size: LEFT_PX, gap: 6,
                grid: { stroke: () => colour('line'), width: hairline },
                splits: () => [0, 1, 2, 3, 4].map((step) => this.#max * step / 4),
                values: (plot, splits) => splits.map((value) => this.#axis(value)),
            },
        ];
    }

    #timeLabel(plot, time_ms) {
        const right = (this.#to_ms - time_ms) / (this.#to_ms - this.#from_ms) * plot.bbox.width;
        return right / devicePixelRatio < LABEL_HALF_PX ? '' : minute(time_ms);
    }
}

/** uPlot's series and the areas between them, in the order of drawing. */
function layers(lines, stack, hairline) {
    // A stack from the top down: where a layer is empty, the line of the one below it is seen.
    const order = stack ? [...lines].reverse() : lines;
    const area = (line) => () => tint(line.colour, STACK_OPACITY);
    const series = order.map((line) => ({
        stroke: () => colour(line.colour),
        fill: stack && line === lines[0] ? area(line) : undefined,
        width: hairline,
        dash: line.dash,
        points: { show: false },
    }));
    const between = stack ? order.slice(0, -1) : [];
    return {
        series: [{}, ...series],
        bands: between.map((line, i) => ({ series: [i + 1, i + 2], fill: area(line) })),
    };
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
