import { useMemo, useRef } from 'preact/hooks';
import { asOf, extremes, then } from './view.js';

/** The least and the most of a line's columns; null if there is no value. */
function within({ lows, highs }, i) {
    const pick = (column, better) => column.reduce((best, value) =>
        value !== null && (best === null || better(value, best)) ? value : best, null);
    const low = pick(lows[i], (a, b) => a < b);
    return low === null ? null : [low, pick(highs[i], (a, b) => a > b)];
}

/** Longer names are cut: labels are what others choose. */
const LABEL_MOST = 40;
const shortened = (text) => text.length > LABEL_MOST ? `${text.slice(0, LABEL_MOST - 1)}…` : text;

function Key({ line, value, text, between, onPoint }) {
    const fill = `var(--${line.colour})`;
    return (
        <li data-line={line.label} data-value={value}
            title={line.label.length > LABEL_MOST ? line.label : undefined}
            onPointerEnter={() => onPoint(line)} onPointerLeave={() => onPoint(null)}>
            <svg viewBox="0 0 9 9" aria-hidden="true">
                <rect width={line.dash ? 4 : 9} height="9" rx="2" fill={fill} />
                {line.dash && <rect x="6" width="3" height="9" rx="1.5" fill={fill} />}
            </svg>
            <bdi>{shortened(line.label)}</bdi><b>{text}</b>
            {between &&
                <small data-low={between.low} data-high={between.high}>{between.text}</small>}
        </li>
    );
}

/**
 * The lines of a chart with their values at the moment that is looked at. Out of sight it stands
 * still, as the chart does. Of a long range they have what each was between: in the step that is
 * looked at, or else in all of the range.
 * @param {{lines: import('./sections/types.js').Line[], measure: import('./measure.js').Measure,
 *     box: import('@preact/signals').Signal<?object>,
 *     columns: ?{lows: (?number)[][], highs: (?number)[][]},
 *     onPoint: function(?import('./sections/types.js').Line)}} props
 */
export function Legend({ lines, measure, box, columns, onPoint }) {
    const drawn = useRef(null);
    const whole = useMemo(() => columns && lines.map((_, i) => within(columns, i)), [columns]);
    if (!box.value && drawn.current)
        return drawn.current;
    const values = lines.map((line) => then(line.of));
    const between = lines.map((line, i) => {
        const pair = asOf.value === null ? whole?.[i] : extremes(line.of);
        return pair && { low: pair[0], high: pair[1], text: pair.map(measure.legend).join('–') };
    });
    drawn.current = (
        <ul class={asOf.value === null ? 'legend' : 'legend then'}>
            {lines.map((line, i) => <Key key={line.label} line={line} value={values[i]}
                text={measure.legend(values[i])} between={between[i]} onPoint={onPoint} />)}
        </ul>
    );
    return drawn.current;
}
