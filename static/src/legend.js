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
 * The lines of a chart with their values at the moment that is looked at.
 * @param {{lines: import('./sections/types.js').Line[], measure: import('./measure.js').Measure,
 *     onPoint: function(?import('./sections/types.js').Line)}} props
 */
export function Legend({ lines, measure, onPoint }) {
    const values = lines.map((line) => then(line.of));
    return (
        <ul class={asOf.value === null ? 'legend' : 'legend then'}>
            {lines.map((line, i) => <Key key={line.label} line={line} value={values[i]}
                text={measure.legend(values[i])} onPoint={onPoint} />)}
        </ul>
    );
}
