import { useRef } from 'preact/hooks';
import { asOf, then } from './view.js';

function Key({ line, value, text, onPoint }) {
    const fill = `var(--${line.colour})`;
    return (
        <li data-line={line.label} data-value={value}
            onPointerEnter={() => onPoint(line)} onPointerLeave={() => onPoint(null)}>
            <svg viewBox="0 0 9 9" aria-hidden="true">
                <rect width={line.dash ? 4 : 9} height="9" rx="2" fill={fill} />
                {line.dash && <rect x="6" width="3" height="9" rx="1.5" fill={fill} />}
            </svg>
            {line.label}<b>{text}</b>
        </li>
    );
}

/**
 * The lines of a chart with their values at the moment that is looked at. Out of sight it stands
 * still, as the chart does.
 * @param {{lines: import('./sections/types.js').Line[], measure: import('./measure.js').Measure,
 *     box: import('@preact/signals').Signal<?object>,
 *     onPoint: function(?import('./sections/types.js').Line)}} props
 */
export function Legend({ lines, measure, box, onPoint }) {
    const drawn = useRef(null);
    if (!box.value && drawn.current)
        return drawn.current;
    const values = lines.map((line) => then(line.of));
    drawn.current = (
        <ul class={asOf.value === null ? 'legend' : 'legend then'}>
            {lines.map((line, i) => <Key key={line.label} line={line} value={values[i]}
                text={measure.legend(values[i])} onPoint={onPoint} />)}
        </ul>
    );
    return drawn.current;
}
