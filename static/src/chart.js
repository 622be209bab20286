import { useLayoutEffect, useRef } from 'preact/hooks';
import { absence, isKnown, isSilent } from './absence.js';
import { useBox } from './box.js';
import { Over } from './crosshair.js';
import { rangeInWords, stamp } from './format.js';
import { Heat } from './heat.js';
import { Legend } from './legend.js';
import { INSET, Plot } from './plot.js';
import { columns } from './quantity.js';
import { collectingSince, frame, now, store } from './state.js';
import { theme } from './theme.js';
import { following, range } from './view.js';

const insets = { left: `${INSET.left}px`, right: `${INSET.right}px`, top: `${INSET.top}px`,
                 bottom: `${INSET.bottom}px` };

/** The highest point of what is drawn. */
function summit(ys, stack) {
    let highest = 0;
    const points = ys[0]?.length ?? 0;
    for (let i = 0; i < points; i++) {
        let height = 0;
        for (const y of ys)
            height = stack ? height + (y[i] ?? 0) : Math.max(height, y[i] ?? 0);
        highest = Math.max(highest, height);
    }
    return highest;
}

/** What a chart shows of a range; lines that were 0 all the time and may be left out are. */
function viewOf(chart) {
    const shown = range.value;
    const all = typeof chart.lines === 'function' ? chart.lines(store) : chart.lines;
    const known = all.filter((line) => isKnown(line.of));
    const { x, ys, rows } = columns(known.map((line) => line.of), store, shown);
    const keep = known.map((line, i) => !line.optional || ys[i].some((value) => value > 0));
    const pick = (list) => list.filter((_, i) => keep[i]);
    const highest = Math.max(summit(pick(ys), chart.stack), chart.whole ? now(chart.whole) : 0);
    const silent = isSilent(chart.collector) && ys.every((y) => y.every((value) => value === null));
    return { x, rows, ys: pick(ys), lines: silent ? [] : pick(known),
             measure: chart.measure(highest), shown,
             all: chart.all?.(store).length ?? 0,
             gaps: store.ring.gaps(shown.from_ms, shown.to_ms) };
}

function note({ lines, all, measure, shown }) {
    const since_ms = collectingSince.value;
    const some = all > lines.length ? `${lines.length} of ${all} · ` : '';
    const since = since_ms > shown.from_ms ? `collecting since ${stamp(since_ms)} · ` : '';
    return some + since + measure.unit;
}

/** As a screen reader says it. */
function words(chart, { lines, measure, shown }) {
    const range_text = following.value ? `the last ${rangeInWords(shown.span_ms)}`
        : `${stamp(shown.from_ms)} to ${stamp(shown.to_ms)}`;
    const values = lines.map((line) => `${line.label} ${measure.legend(now(line.of))}`);
    return `${chart.title}, ${range_text}; now, in ${measure.unit}: ${values.join(', ')}`;
}

/** The canvas, kept as long as the lines are the same. */
function useCanvas(ref, seen, chart, view) {
    const kept = useRef({ plot: null, key: '' });
    useLayoutEffect(() => {
        if (!seen || !ref.current)
            return;
        const { x, ys, lines, measure, shown, gaps } = view;
        const key = JSON.stringify([seen.ratio, ...lines.map((line) => line.label)]);
        if (kept.current.key !== key) {
            kept.current.plot?.destroy();
            kept.current = { key, plot: new Plot(ref.current, seen, lines, chart.stack) };
        }
        kept.current.plot.resize(seen);
        if (shown.to_ms > 0)
            kept.current.plot.draw(x, ys, { ...measure, ...shown, gaps });
    }, [seen, view, theme.value]);
    useLayoutEffect(() => () => {
        kept.current.plot?.destroy();
        kept.current = { plot: null, key: '' };
    }, []);
    return (line) => kept.current.plot?.emphasize(line ? view.lines.indexOf(line) : -1);
}

/** Lines and crosshair. */
function Drawing({ chart, view, seen, onCanvas }) {
    const canvas = useRef(null);
    onCanvas(useCanvas(canvas, seen, chart, view));
    return (
        <>
            <div ref={canvas} />
            {seen && <Over style={insets} />}
        </>
    );
}

/**
 * A card with a plot and its legend. Out of sight it stands still: it does not even read the frame.
 * @param {{chart: import('./sections/types.js').Chart}} props
 */
export function Chart({ chart }) {
    const { ref, box } = useBox();
    const emphasize = useRef(null);
    const drawn = useRef(null);
    const seen = box.value;
    if (!seen && drawn.current)
        return drawn.current;
    frame.value;
    const view = viewOf(chart);
    const { lines, rows, measure } = view;
    const empty = lines.length === 0;
    drawn.current = (
        <section class="card chart" data-testid={`chart-${chart.id}`} data-points={rows}
            data-max={measure.max}>
            <h2>
                <span title={chart.title}>{chart.title}</span>
                <small>{!empty && note(view)}</small>
            </h2>
            <div class="plot" ref={ref} role={empty ? undefined : 'img'}
                aria-label={empty ? undefined : words(chart, view)}>
                {empty
                    ? <p class="absent">{absence(chart.collector)}</p>
                    : <Drawing chart={chart} view={view} seen={seen}
                        onCanvas={(strengthen) => { emphasize.current = strengthen; }} />}
            </div>
            {!empty && <Legend lines={lines} measure={measure} box={box}
                onPoint={(line) => emphasize.current?.(line)} />}
            {!empty && chart.heat && <Heat family={chart.heat} />}
        </section>
    );
    return drawn.current;
}
