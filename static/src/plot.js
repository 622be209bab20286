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

    /**
     * @param {HTMLElement} element
     * @param {{width: number, height: number, ratio: number}} box
     * @param {{colour: string, dash?: number[]}[]} lines
     * @param {boolean} stack the lines are sums, drawn from the bottom with areas between them
     */
    constructor(element, { width, height, ratio }, lines, stack) {
        const hairline = 1 / ratio;
        const text = {
            stroke: () => colour('faint'),
            font: `${FONT_PX}px system-ui, sans-serif`,
            ticks: { show: false },
        };
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
            axes: [
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
            ],
            series: [{}, ...lines.map((line, i) => ({
                stroke: () => colour(line.colour),
                fill: stack && i === 0 ? () => tint(line.colour, STACK_OPACITY) : undefined,
                width: hairline,
                dash: line.dash,
                points: { show: false },
            }))],
            bands: stack ? lines.slice(1).map((line, i) => ({
                series: [i + 2, i + 1],
                fill: () => tint(line.colour, STACK_OPACITY),
            })) : [],
        }, [[], ...lines.map(() => [])], element);
    }

    /**
     * @param {number[]} x
     * @param {(?number)[][]} ys
     * @param {{from_ms: number, to_ms: number, max: number, axis: function(number): string}} frame
     */
    draw(x, ys, { from_ms, to_ms, max, axis }) {
        this.#from_ms = from_ms;
        this.#to_ms = to_ms;
        this.#max = max;
        this.#axis = axis;
        this.#plot.setData([x, ...ys]);
    }

    /** @param {{width: number, height: number}} box */
    resize({ width, height }) {
        if (width !== this.#plot.width || height !== this.#plot.height)
            this.#plot.setSize({ width, height });
    }

    destroy() {
        this.#plot.destroy();
    }

    #timeLabel(plot, time_ms) {
        const right = (this.#to_ms - time_ms) / (this.#to_ms - this.#from_ms) * plot.bbox.width;
        return right / devicePixelRatio < LABEL_HALF_PX ? '' : minute(time_ms);
    }
}

/**
 * Sums from the bottom up; a sum with an unknown part is unknown.
 * @param {(?number)[][]} ys
 * @returns {(?number)[][]}
 */
export function stacked(ys) {
    const sums = [];
    ys.forEach((y, k) => sums.push(k === 0 ? y : y.map((value, i) => {
        const below = sums[k - 1][i];
        return value === null || below === null ? null : value + below;
    })));
    return sums;
}
