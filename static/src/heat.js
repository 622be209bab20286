// Many small strips: one for each CPU, the darker the busier.

import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useBox } from './box.js';
import { usePast } from './past.js';
import { remembered } from './remembered.js';
import { store } from './state.js';
import { colour, theme } from './theme.js';
import { moment, picture, range } from './view.js';

const COLUMNS = 8;
const GAP_PX = 3;
const CELL_PX = 12;
const FAINTEST = 0.08;

/** Where each member's strip is, in CSS pixels. */
function layout(count, width) {
    const columns = Math.min(COLUMNS, Math.max(1, count));
    const rows = Math.ceil(count / columns);
    const cell = (width - (columns - 1) * GAP_PX) / columns;
    return {
        height: rows * CELL_PX + (rows - 1) * GAP_PX,
        cells: Array.from({ length: count }, (_, i) => ({
            left: (i % columns) * (cell + GAP_PX), width: cell,
            top: Math.floor(i / columns) * (CELL_PX + GAP_PX) })),
    };
}

/** The highest value in each of `bins` equal parts of the range. */
function binned(read, { from_ms, to_ms, of: { avg: { ring } } }, bins) {
    const highest = new Float64Array(bins).fill(NaN);
    const [from, to] = ring.rows(from_ms, to_ms);
    for (let row = from; row < to; row++) {
        const value = read(row);
        const after_ms = ring.time(row) + ring.half_ms;
        const before_ms = row > ring.start && !ring.breaks(row)
            ? ring.time(row - 1) + ring.half_ms
            : ring.time(row) - ring.half_ms - store.interval_ms;
        // A value is of the time since the tick before it.
        const first = Math.floor((before_ms - from_ms) / (to_ms - from_ms) * bins);
        const last = Math.ceil((after_ms - from_ms) / (to_ms - from_ms) * bins) - 1;
        for (let bin = Math.max(0, first); bin <= Math.min(bins - 1, last); bin++) {
            if (!(value <= highest[bin]))
                highest[bin] = value;
        }
    }
    return highest;
}

function fit(canvas, { width, ratio }, height) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const graph = canvas.getContext('2d');
    graph.scale(ratio, ratio);
    return graph;
}

function draw(canvas, seen, { height, cells }, quantities) {
    const graph = fit(canvas, seen, height);
    const shown = picture.peek();
    graph.fillStyle = colour('s1');
    cells.forEach(({ left, top, width }, i) => {
        const bins = Math.max(1, Math.floor(width));
        binned(quantities[i].bind(shown.of.avg), shown, bins).forEach((value, bin) => {
            if (value !== value)
                return;
            graph.globalAlpha = Math.min(1, FAINTEST + value * (1 - FAINTEST));
            graph.fillRect(left + bin * width / bins, top, width / bins, CELL_PX);
        });
    });
}

/** A line through each strip at the moment that is looked at. */
function mark(canvas, seen, { height, cells }) {
    const { from_ms, to_ms } = range.value;
    const graph = fit(canvas, seen, height);
    const at = moment.value === null ? NaN : (moment.value - from_ms) / (to_ms - from_ms);
    if (!(at >= 0 && at <= 1))
        return;
    graph.fillStyle = colour('ink');
    for (const { left, top, width } of cells)
        graph.fillRect(left + at * width - 0.5, top, 1, CELL_PX);
}

function Marks({ seen, place }) {
    const ref = useRef(null);
    useLayoutEffect(() => mark(ref.current, seen, place),
                    [seen, moment.value, range.value, theme.value, place.height]);
    return <canvas class="marks" ref={ref} aria-hidden="true" />;
}

/** @param {{family: import('./sections/types.js').Family}} props */
export function Heat({ family }) {
    const { ref, box } = useBox();
    const canvas = useRef(null);
    const quantity = useMemo(() => remembered(family.of), [family]);
    const seen = box.value;
    const members = family.members(store);
    const quantities = members.map(quantity);
    const place = layout(members.length, seen?.width ?? 1);
    usePast(() => quantities, seen !== null);
    useLayoutEffect(() => {
        if (seen)
            draw(canvas.current, seen, place, quantities);
    }, [seen, seen && picture.value, theme.value]);
    return (
        <div class="heat" ref={ref} role="img" style={{ height: `${place.height}px` }}
            aria-label={`each of ${members.length} CPUs over the same time`}
            data-members={members.length}>
            <canvas ref={canvas} />
            {seen && <Marks seen={seen} place={place} />}
        </div>
    );
}
