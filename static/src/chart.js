import { useLayoutEffect, useRef } from 'preact/hooks';
import { absence, isKnown, isSilent } from './absence.js';
import { useBox } from './box.js';
import { Over } from './crosshair.js';
import { rangeInWords, span, stamp } from './format.js';
import { Heat } from './heat.js';
import { Legend } from './legend.js';
import { trouble, usePast } from './past.js';
import { INSET, Plot } from './plot.js';
import { columns } from './quantity.js';
import { collectingSince, frame, now, past, store } from './state.js';
import { events } from './strip.js';
import { theme } from './theme.js';
import { following, isLong, picture } from './view.js';

const insets = { left: `${INSET.left}px`, right: `${INSET.right}px`, top: `${INSET.top}px`,
                 bottom: `${INSET.bottom}px` };

/** The highest point of what is drawn; a stack's highs stand on the averages of those below. */
function summit(ys, highs, stack) {
    let highest = 0;
    const points = ys[0]?.length ?? 0;
    for (let i = 0; i < points; i++) {
        let below = 0;
        for (let k = 0; k < ys.length; k++) {
            highest = Math.max(highest, below + (highs[k][i] ?? 0));
            below += stack ? ys[k][i] ?? 0 : 0;
        }
    }
    return highest;
}

function linesOf(chart) {
    return typeof chart.lines === 'function' ? chart.lines(store) : chart.lines;
}

/** What a chart shows of a range; lines that were 0 all the time and may be left out are. */
function viewOf(chart) {
    const { of, ...shown } = picture.value;
    const known = linesOf(chart).filter((line) => isKnown(line.of));
    const read = (source) => columns(known.map((line) => line.of), source, shown);
    const { x, ys, rows } = read(of.avg);
    const banded = of.low !== of.high;
    const highs = banded ? read(of.high).ys : ys;
    const keep = known.map((line, i) => !line.optional || highs[i].some((value) => value > 0));
    const pick = (list) => list.filter((_, i) => keep[i]);
    const data = { ys: pick(ys), highs: pick(highs),
                   lows: banded ? pick(read(of.low).ys) : null };
    const highest = Math.max(summit(data.ys, data.highs, chart.stack),
                             chart.whole ? now(chart.whole) : 0);
    const silent = isSilent(chart.collector) && ys.every((y) => y.every((value) => value === null));
    return { x, rows, data, banded, lines: silent ? [] : pick(known),
             measure: chart.measure(highest), shown, step_ms: of.ring?.step_ms,
             all: chart.all?.(store).length ?? 0,
             gaps: of.avg.ring.gaps(shown.from_ms, shown.to_ms),
             marks: banded ? events(shown) : [] };
}

function note({ lines, all, measure, shown, step_ms }) {
    const since_ms = collectingSince.value;
    const some = all > lines.length ? `${lines.length} of ${all} · ` : '';
    const since = since_ms > shown.from_ms ? `collecting since ${stamp(since_ms)} · ` : '';
    const each = step_ms > store.interval_ms && !since ? `each ${span(step_ms)} · ` : '';
    return some + since + each + measure.unit;
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
        const { x, data, banded, lines, measure, shown, gaps, marks } = view;
        const key = JSON.stringify([seen.ratio, banded, ...lines.map((line) => line.label)]);
        if (kept.current.key !== key) {
            kept.current.plot?.destroy();
            kept.current = { key, plot: new Plot(ref.current, seen, lines, chart.stack,
                                                 banded) };
        }
        kept.current.plot.resize(seen);
        if (shown.to_ms > 0)
            kept.current.plot.draw(x, data, { ...measure, ...shown, gaps, marks });
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
            {isLong.value && <Missing rows={view.rows} />}
            {seen && <Over style={insets} />}
        </>
    );
}

/** Why a long range is empty, or not of now. */
function Missing({ rows }) {
    const text = trouble.value || (past.value && rows === 0 && 'nothing is kept of this time');
    return text && <p class="missing" style={insets}>{text}</p>;
}

/** A view of what is looked at, kept as long as that is the same. */
function viewOnce(chart, made) {
    const { revision } = store;
    const of = picture.value;
    if (made.current.of !== of || made.current.revision !== revision)
        made.current = { of, revision, view: viewOf(chart) };
    return made.current.view;
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
    usePast(() => linesOf(chart).map((line) => line.of), seen !== null,
            seen && seen.width - INSET.left);
    const made = useRef({});
    if (!seen && drawn.current)
        return drawn.current;
    frame.value;
    const view = viewOnce(chart, made);
    const { lines, rows, measure } = view;
    const empty = lines.length === 0;
    drawn.current = (
        <section class="card chart" data-testid={`chart-${chart.id}`} data-points={rows}
            data-max={measure.max} data-step={view.step_ms} data-from={view.shown.from_ms}
            data-to={view.shown.to_ms}>
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
                columns={view.banded ? view.data : null}
                onPoint={(line) => emphasize.current?.(line)} />}
            {!empty && chart.heat && <Heat family={chart.heat} />}
        </section>
    );
    return drawn.current;
}
