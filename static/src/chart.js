import { useLayoutEffect, useRef } from 'preact/hooks';
import { useBox } from './box.js';
import { clock } from './format.js';
import { Plot } from './plot.js';
import { columns } from './quantity.js';
import { collectingSince, now, store, WINDOW_MS } from './state.js';
import { theme } from './theme.js';

/** What a chart shows at this moment; lines that were 0 all the time and may be left out are. */
function look(chart) {
    const { x, ys, rows } = columns(chart.lines.map((line) => line.of), store);
    const shown = chart.lines.map((line, i) => !line.optional || ys[i].some((value) => value > 0));
    const pick = (list) => list.filter((_, i) => shown[i]);
    const lines = pick(chart.lines);
    const measure = chart.measure(chart.whole ? now(chart.whole) : NaN);
    const values = lines.map((line) => now(line.of));
    const texts = values.map(measure.legend);
    return { x, rows, ys: pick(ys), lines, measure, values, texts, since: collectingSince.value };
}

function Key({ line, value, text }) {
    const fill = `var(--${line.colour})`;
    return (
        <li data-line={line.label} data-value={value}>
            <svg viewBox="0 0 9 9" aria-hidden="true">
                <rect width={line.dash ? 4 : 9} height="9" rx="2" fill={fill} />
                {line.dash && <rect x="6" width="3" height="9" rx="1.5" fill={fill} />}
            </svg>
            {line.label}<b>{text}</b>
        </li>
    );
}

/**
 * A card with a plot and its legend. Out of sight it stands still: it does not even read the frame.
 * @param {{chart: import('./overview.js').Chart}} props
 */
export function Chart({ chart }) {
    const { ref, box } = useBox();
    const view = useRef(null);
    const drawn = useRef({ plot: null, key: '' });
    const seen = box.value;
    const colours = theme.value;
    if (seen || !view.current)
        view.current = look(chart);
    const { x, ys, rows, lines, measure, values, texts, since } = view.current;

    useLayoutEffect(() => {
        if (!seen)
            return;
        const key = [seen.ratio, ...lines.map((line) => line.label)].join();
        if (drawn.current.key !== key) {
            drawn.current.plot?.destroy();
            drawn.current = { key, plot: new Plot(ref.current, seen, lines, chart.stack) };
        }
        drawn.current.plot.resize(seen);
        const to_ms = store.ring.last_ms;
        if (to_ms > 0)
            drawn.current.plot.draw(x, ys, { ...measure, from_ms: to_ms - WINDOW_MS, to_ms });
    }, [seen, view.current, colours]);
    useLayoutEffect(() => () => drawn.current.plot?.destroy(), []);

    const spoken = `${chart.title}, the last 5 minutes; now, in ${measure.unit}: ` +
        lines.map((line, i) => `${line.label} ${texts[i]}`).join(', ');
    return (
        <section class="card chart" data-testid={`chart-${chart.id}`} data-points={rows}>
            <h2>
                {chart.title}
                <small>
                    {since === null ? '' : `collecting since ${clock(since)} · `}
                    {measure.unit}
                </small>
            </h2>
            <div class="plot" ref={ref} role="img" aria-label={spoken} />
            <ul class="legend">
                {lines.map((line, i) =>
                    <Key key={line.label} line={line} value={values[i]} text={texts[i]} />)}
            </ul>
        </section>
    );
}
